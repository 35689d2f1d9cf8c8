"""One completion in the making: the tokens so far, and whether and why they have ended."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

import torch

from pytest_humaneval.core.records import Completion, Draw

_MORE_TOKENS = 4  # looked at beyond a stop sequence's length: a character may be spread over four tokens


class TokenDecoder(Protocol):
    """What is needed of a tokenizer here."""

    def decode(self, token_ids: list[int], **options: bool) -> str:
        """Return the text of some tokens."""
        ...


class GrowingSequence:
    """A draw's prompt and what the model has said to it so far.

    Attributes:
        draw: the draw.
        tokens: the prompt's token ids and those said.
        chance: the draw's own randomness, so that its company in a batch makes no difference; None if greedy.
    """

    def __init__(self, draw: Draw, prompt: list[int], tokenizer: TokenDecoder, ends: Collection[int]) -> None:
        """Begin; the tokens in ``ends`` end a completion and are no part of its text."""
        self.draw, self.tokens = draw, list(prompt)
        self._prompt_tokens, self._tokenizer, self._ends = len(prompt), tokenizer, ends
        sampling = draw.request.sampling
        self.chance = None if sampling.temperature == 0 else torch.Generator()
        if self.chance is not None and sampling.seed is None:
            self.chance.seed()
        elif self.chance is not None and sampling.seed is not None:
            self.chance.manual_seed(sampling.seed + draw.sample_index)
        self._stop_tokens = max((len(stop.encode()) for stop in sampling.stop), default=0) + _MORE_TOKENS

    @property
    def length(self) -> int:
        """Tokens so far, the prompt's included."""
        return len(self.tokens)

    @property
    def room(self) -> int:
        """Tokens that may still be said."""
        return self.draw.request.sampling.max_tokens - len(self._said)

    def take(self, token: int) -> Completion | None:
        """Add a token; return the completion if it has ended with it."""
        self.tokens.append(token)
        if token in self._ends:
            return self._completion(self._text(self._said[:-1]), "stop")
        if (text := self._stopped_text()) is not None:
            return self._completion(text, "stop")
        return self._completion(self._text(self._said), "length") if self.room <= 0 else None

    @property
    def _said(self) -> list[int]:
        return self.tokens[self._prompt_tokens :]

    def _stopped_text(self) -> str | None:
        """Return the text before the first stop sequence, if the newest tokens hold one."""
        stops = self.draw.request.sampling.stop
        if not stops:
            return None
        newest = self._text(self._said[-self._stop_tokens :])
        if not any(stop in newest for stop in stops):
            return None
        text = self._text(self._said)
        starts = [start for stop in stops if (start := text.find(stop)) >= 0]
        return text[: min(starts)] if starts else None

    def _text(self, tokens: list[int]) -> str:
        return self._tokenizer.decode(tokens, skip_special_tokens=True, clean_up_tokenization_spaces=False)

    def _completion(self, text: str, finish_reason: str) -> Completion:
        return Completion(
            text,
            finish_reason,
            prompt_tokens=self._prompt_tokens,
            completion_tokens=len(self._said),
        )
