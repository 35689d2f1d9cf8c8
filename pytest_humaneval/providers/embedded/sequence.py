"""One completion while it is generated: its tokens so far, and whether and why it has ended."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

import torch

from pytest_humaneval.core.records import Completion, Draw

# A stop sequence of n bytes has at most n tokens; and as a character of UTF-8 has at most four bytes, each
# perhaps a token of its own, it may take four more for the text around it to be decoded rightly.
_MORE_TOKENS = 4


class TokenDecoder(Protocol):
    """The part of a tokenizer that is used here."""

    def decode(self, token_ids: list[int], **options: bool) -> str:
        """Return the text of token ids."""
        ...


class GrowingSequence:
    """A draw's prompt, and the tokens generated for it so far.

    Attributes:
        draw: the draw.
        tokens: token ids of the prompt and of the completion.
        generator: the draw's own random numbers, so that it is sampled alike whatever else is in its batch;
            None if it is greedy.
    """

    def __init__(self, draw: Draw, prompt: list[int], tokenizer: TokenDecoder, ends: Collection[int]) -> None:
        """Begin; a token of ``ends`` ends the completion and is no part of its text."""
        self.draw, self.tokens = draw, list(prompt)
        self._prompt_tokens, self._tokenizer, self._ends = len(prompt), tokenizer, ends
        sampling = draw.request.sampling
        self.generator = None if sampling.temperature == 0 else torch.Generator()
        if self.generator is not None and sampling.seed is None:
            self.generator.seed()
        elif self.generator is not None and sampling.seed is not None:
            # As in requests to a server: each sample's seed is the experiment's plus the sample's index.
            self.generator.manual_seed(sampling.seed + draw.sample_index)
        self._logprobs: list[float] = []
        self._stop_tokens = max((len(stop.encode()) for stop in sampling.stop), default=0) + _MORE_TOKENS

    @property
    def length(self) -> int:
        """Tokens so far, the prompt's included."""
        return len(self.tokens)

    @property
    def room(self) -> int:
        """How many tokens may still be generated."""
        return self.draw.request.sampling.max_tokens - len(self.generated)

    def take(self, token: int, logprob: float | None = None) -> Completion | None:
        """Add a generated token; return the completion if this token has ended it, else None.

        ``logprob`` is the natural logarithm of its probability; None where it is not wanted.
        """
        self.tokens.append(token)
        if logprob is not None:
            self._logprobs.append(logprob)
        if token in self._ends:
            return self._completion(self._text(self.generated[:-1]), "stop")
        if (text := self._stopped_text()) is not None:
            return self._completion(text, "stop")
        return self._completion(self._text(self.generated), "length") if self.room <= 0 else None

    @property
    def generated(self) -> list[int]:
        """The completion's tokens so far."""
        return self.tokens[self._prompt_tokens :]

    def _stopped_text(self) -> str | None:
        """Return the text before the first stop sequence, if the newest tokens hold one."""
        stops = self.draw.request.sampling.stop
        if not stops:
            return None
        # Only the end is decoded: to decode all of it after each token would take quadratic time.
        newest = self._text(self.generated[-self._stop_tokens :])
        if not any(stop in newest for stop in stops):
            return None
        # The whole text decides: the end by itself may be decoded otherwise, at its first token.
        text = self._text(self.generated)
        starts = [start for stop in stops if (start := text.find(stop)) >= 0]
        return text[: min(starts)] if starts else None

    def _text(self, tokens: list[int]) -> str:
        # Cleaning up would remove spaces before punctuation: it is meant for prose, and breaks code.
        return self._tokenizer.decode(tokens, skip_special_tokens=True, clean_up_tokenization_spaces=False)

    def _completion(self, text: str, finish_reason: str) -> Completion:
        return Completion(
            text,
            finish_reason,
            prompt_tokens=self._prompt_tokens,
            completion_tokens=len(self.generated),
            mean_logprob=sum(self._logprobs) / len(self._logprobs) if self._logprobs else None,
        )
