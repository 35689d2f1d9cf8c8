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
    LogitsProcessor,
    LogitsProcessorList,
    PreTrainedModel,
    StoppingCriteria,
    StoppingCriteriaList,
    TemperatureLogitsWarper,
    TopKLogitsWarper,
    TopPLogitsWarper,
)

from pytest_humaneval.providers.embedded.engine import EmitDraw
from pytest_humaneval.providers.embedded.sequence import GrowingSequence


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
    choice = _TokenChoice(batch)
    watch = _EndWatch(batch, choice, emit, is_cancelled)
    with torch.inference_mode():
        model.generate(
            **{name: tensor.to(model.device) for name, tensor in inputs.items()},
            generation_config=GenerationConfig(
                # The token with the greatest score is taken: _TokenChoice gives the drawn one that score.
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


class _TokenChoice(LogitsProcessor):  # type: ignore[misc]  # untyped base
    """Gives the token that is to come next the greatest score.

    Order as in vLLM: repetition penalty, temperature, top-k, top-p. A draw from softmax(s) is the argmax of
    s + g, with g of the standard Gumbel distribution (Gumbel 1954), so sampling is a shift of the
    scores, by random numbers of each row's own.
    """

    def __init__(self, batch: Sequence[GrowingSequence]) -> None:
        self._batch = batch
        self._latest: torch.Tensor | None = None
        sampling = batch[0].draw.request.sampling
        self._penalty, self._is_greedy = sampling.repetition_penalty, sampling.temperature == 0
        self._shapers: list[LogitsProcessor] = []
        if not self._is_greedy:
            self._shapers.append(TemperatureLogitsWarper(float(sampling.temperature)))
            if sampling.top_k > 0:
                self._shapers.append(TopKLogitsWarper(sampling.top_k))
            if sampling.top_p < 1:
                self._shapers.append(TopPLogitsWarper(sampling.top_p))

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        """Return the scores, (batch, vocabulary), shaped and, unless greedy, shifted."""
        scores = self._latest = scores.float()
        if self._penalty != 1:
            scores = self._penalized(scores)
        if self._is_greedy:
            return scores
        for shape in self._shapers:
            scores = shape(input_ids, scores)
        # Made on the CPU: a GPU's generator would give other numbers for the same seed.
        noise = [torch.empty(scores.shape[1]).exponential_(generator=row.generator) for row in self._batch]
        # -log of an exponentially distributed variable has the Gumbel distribution.
        return scores - torch.stack(noise).log().to(scores.device)

    def logprobs(self, tokens: torch.Tensor) -> list[float | None]:
        """Return the logarithm of each row's newest token's probability; None for rows that want none.

        It is that of the model's own distribution, as vLLM reports it: before temperature, penalties and
        whatever else decides which token is drawn.
        """
        wanted = [row.draw.request.logprobs for row in self._batch]
        if self._latest is None or not any(wanted):
            return [None] * len(wanted)
        chosen = self._latest.log_softmax(-1).gather(1, tokens.unsqueeze(1)).squeeze(1)
        return [
            value if is_wanted else None for value, is_wanted in zip(chosen.tolist(), wanted, strict=True)
        ]

    def _penalized(self, scores: torch.Tensor) -> torch.Tensor:
        """Return scores with a penalty on each row's own tokens (Keskar et al. 2019, arXiv:1909.05858)."""
        # Not transformers' own RepetitionPenaltyLogitsProcessor: it would penalize the padding token, too.
        scores = scores.clone()
        for index, row in enumerate(self._batch):
            seen = torch.tensor(sorted(set(row.tokens)), device=scores.device)
            score = scores[index, seen]
            scores[index, seen] = torch.where(score < 0, score * self._penalty, score / self._penalty)
        return scores


class _EndWatch(StoppingCriteria):  # type: ignore[misc]  # untyped base
    """Takes each new token: emits a completion that has ended, and ends the batch at a cancel."""

    def __init__(
        self,
        batch: Sequence[GrowingSequence],
        choice: _TokenChoice,
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
