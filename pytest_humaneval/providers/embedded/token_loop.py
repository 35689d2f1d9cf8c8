"""Generating a batch of completions token by token, with transformers' generate().

generate() does what depends on the model's architecture: attention cache and positions. The choice of each
token and the end of each completion are decided here, so that no default of the library or of the model's
files plays a part.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch.nn.functional import pad
from transformers import (
    GenerationConfig,
    LogitsProcessorList,
    PreTrainedModel,
    StoppingCriteria,
    StoppingCriteriaList,
)

from pytest_humaneval.providers.embedded.engine import EmitDraw
from pytest_humaneval.providers.embedded.sequence import GrowingSequence
from pytest_humaneval.providers.embedded.token_choice import TokenChoice


def continue_batch(
    model: PreTrainedModel,
    batch: Sequence[GrowingSequence],
    emit: EmitDraw,
    is_cancelled: Callable[[], bool],
    embeddings: Sequence[torch.Tensor] | None = None,
) -> list[GrowingSequence]:
    """Continue completions, emit each as it ends, and return those that have not ended.

    The batch is given up when half of it has ended: rows that have ended are computed all the same, so the
    others are continued faster in a fuller batch.

    Args:
        model: the loaded model.
        batch: completions with the same sampling parameters.
        emit: takes each completion as soon as it ends.
        is_cancelled: called after each token; True ends the batch.
        embeddings: of each row's tokens so far, (length, width), where they have a soft prompt before them.
    """
    pad_token = model.generation_config.pad_token_id
    inputs = _padded(batch, pad_token) if embeddings is None else _padded_embeddings(embeddings)
    choice = TokenChoice(batch)
    watch = _EndWatch(batch, choice, emit, is_cancelled)
    with torch.inference_mode():
        model.generate(
            **{name: tensor.to(model.device) for name, tensor in inputs.items()},
            generation_config=GenerationConfig(
                # The token with the greatest score is taken: TokenChoice gives the drawn one that score.
                do_sample=False,
                max_new_tokens=max(row.room for row in batch),
                pad_token_id=pad_token,
            ),
            logits_processor=LogitsProcessorList([choice]),
            stopping_criteria=StoppingCriteriaList([watch]),
        )
    return watch.running


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


class _EndWatch(StoppingCriteria):  # type: ignore[misc]  # untyped base
    """Takes each new token: emits a completion that has ended, and ends the batch at a cancel."""

    def __init__(
        self,
        batch: Sequence[GrowingSequence],
        choice: TokenChoice,
        emit: EmitDraw,
        is_cancelled: Callable[[], bool],
    ) -> None:
        self._rows: list[GrowingSequence | None] = list(batch)
        self._choice = choice
        self._emit, self._is_cancelled = emit, is_cancelled

    @property
    def running(self) -> list[GrowingSequence]:
        """The completions that have not ended."""
        return [row for row in self._rows if row is not None]

    def __call__(self, input_ids: torch.Tensor, scores: Any, **_: Any) -> torch.Tensor:  # noqa: ANN401, ARG002
        """Return which rows need no further token: booleans, (batch,)."""
        newest = input_ids[:, -1]
        taken = zip(newest.tolist(), self._choice.logprobs(newest), strict=True)
        for index, (token, logprob) in enumerate(taken):
            row = self._rows[index]
            if row is not None and (completion := row.take(token, logprob)):
                self._emit((row.draw, completion))
                self._rows[index] = None
        if self._is_cancelled() or len(self.running) * 2 <= len(self._rows):
            return torch.full((len(self._rows),), True, device=input_ids.device)
        return torch.tensor([row is None for row in self._rows], device=input_ids.device)
