"""Generating completions batch by batch with transformers' generate(), for models of any architecture.

generate() does what depends on the architecture: attention cache or other state, and positions. The choice of
each token and the end of each completion are decided here, so that no default of the library or of the
model's files plays a part.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import torch
from torch.nn.functional import pad
from transformers import (
    GenerationConfig,
    LogitsProcessor,
    LogitsProcessorList,
    PreTrainedModel,
    StoppingCriteria,
    StoppingCriteriaList,
)

from pytest_humaneval.core.errors import ProviderError
from pytest_humaneval.providers.embedded.engine import EmitDraw
from pytest_humaneval.providers.embedded.prefix import Prefix
from pytest_humaneval.providers.embedded.sequence import GrowingSequence
from pytest_humaneval.providers.embedded.token_choice import chosen_tokens


class WholeBatch:
    """Completes rows in batches that nothing enters once they have begun."""

    def __init__(self, model: PreTrainedModel, prefix: Prefix, batch_size: int) -> None:
        """Take any model, and what it sees before every prompt.

        Raises:
            ProviderError: the prefix is of keys and values, which not every architecture has.
        """
        if prefix.key_values:
            raise ProviderError(
                f"a prefix of keys and values cannot be used with {type(model).__name__}, whose attention "
                "transformers lets nobody replace; train a prefix of embeddings, or a LoRA"
            )
        self._model, self._vectors, self._batch_size = model, prefix.embeddings, batch_size

    def answer(
        self, rows: Iterable[GrowingSequence], emit: EmitDraw, is_cancelled: Callable[[], bool]
    ) -> None:
        """Emit each row's completion as soon as it ends; return when all have, or at a cancel.

        A batch is given up when half of it has ended: rows that have ended are computed all the same, so
        the others are continued faster in a fuller batch.
        """
        waiting = list(rows)
        while waiting and not is_cancelled():
            # The longest first, so that a lack of memory shows at once, and like lengths need little padding.
            waiting.sort(key=lambda row: row.length, reverse=True)
            batch, waiting = waiting[: self._batch_size], waiting[self._batch_size :]
            waiting += self._continue(batch, emit, is_cancelled)

    def _continue(
        self, batch: Sequence[GrowingSequence], emit: EmitDraw, is_cancelled: Callable[[], bool]
    ) -> list[GrowingSequence]:
        """Continue a batch, and return those rows that have not ended."""
        pad_token = self._model.generation_config.pad_token_id
        watch = _EndWatch(batch, emit, is_cancelled)
        with torch.inference_mode():
            self._model.generate(
                **{name: tensor.to(self._model.device) for name, tensor in self._inputs(batch).items()},
                generation_config=GenerationConfig(
                    do_sample=False, max_new_tokens=max(row.room for row in batch), pad_token_id=pad_token
                ),
                logits_processor=LogitsProcessorList([watch.choice]),
                stopping_criteria=StoppingCriteriaList([watch]),
            )
        return watch.running

    def _inputs(self, batch: Sequence[GrowingSequence]) -> dict[str, torch.Tensor]:
        if self._vectors is None:
            return _padded(batch, self._model.generation_config.pad_token_id)
        embed = self._model.get_input_embeddings()
        head = self._vectors.to(embed.weight.device, embed.weight.dtype)
        with torch.no_grad():
            rows = [torch.cat([head, embed(torch.tensor(row.tokens, device=head.device))]) for row in batch]
        return _padded_embeddings(rows)


def _padded(batch: Sequence[GrowingSequence], pad_token: int) -> dict[str, torch.Tensor]:
    """Return the rows' tokens, (batch, width), padded on the left, and their mask: 0 for padding, else 1."""
    # On the left, since generate() appends each new token on the right.
    width = max(row.length for row in batch)
    return {
        "input_ids": torch.tensor([[pad_token] * (width - row.length) + row.tokens for row in batch]),
        "attention_mask": torch.tensor([[0] * (width - row.length) + [1] * row.length for row in batch]),
    }


def _padded_embeddings(rows: Sequence[torch.Tensor]) -> dict[str, torch.Tensor]:
    """Return the rows' embeddings, (batch, width, hidden), padded on the left with zeros, and their mask."""
    width = max(map(len, rows))
    pads = [(width - len(row), 0) for row in rows]
    return {
        "inputs_embeds": torch.stack(
            [pad(row, (0, 0, *lacking)) for row, lacking in zip(rows, pads, strict=True)]
        ),
        "attention_mask": torch.tensor([[0] * (width - len(row)) + [1] * len(row) for row in rows]),
    }


class _Choice(LogitsProcessor):  # type: ignore[misc]  # untyped base
    """Gives each row's chosen token, and no other, a finite score, so that generate() takes it."""

    def __init__(self, rows: Sequence[GrowingSequence]) -> None:
        self._rows = rows
        self.taken: list[tuple[int, float | None]] = []

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:  # noqa: ARG002
        """Return 0 for the chosen tokens, minus infinity for all others: (batch, vocabulary)."""
        self.taken = chosen_tokens(scores, self._rows)
        tokens = torch.tensor([[token] for token, _ in self.taken], device=scores.device)
        return torch.full_like(scores, -torch.inf).scatter_(1, tokens, 0.0)


class _EndWatch(StoppingCriteria):  # type: ignore[misc]  # untyped base
    """Takes each new token: emits a completion that has ended, and ends the batch at a cancel."""

    def __init__(
        self, batch: Sequence[GrowingSequence], emit: EmitDraw, is_cancelled: Callable[[], bool]
    ) -> None:
        self._rows: list[GrowingSequence | None] = list(batch)
        self._emit, self._is_cancelled = emit, is_cancelled
        self.choice = _Choice(batch)

    @property
    def running(self) -> list[GrowingSequence]:
        """The completions that have not ended."""
        return [row for row in self._rows if row is not None]

    def __call__(self, input_ids: torch.Tensor, scores: Any, **_: Any) -> torch.Tensor:  # noqa: ANN401, ARG002
        """Return which rows need no further token: booleans, (batch,)."""
        for index, (token, logprob) in enumerate(self.choice.taken):
            row = self._rows[index]
            if row is not None and (completion := row.take(token, logprob)):
                self._emit((row.draw, completion))
                self._rows[index] = None
        if self._is_cancelled() or len(self.running) * 2 <= len(self._rows):
            return torch.full((len(self._rows),), True, device=input_ids.device)
        return torch.tensor([row is None for row in self._rows], device=input_ids.device)
