"""The choice of each next token of a batch: penalties, temperature, what is cut off, and the draw."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from transformers import (
    LogitsProcessor,
    MinPLogitsWarper,
    TemperatureLogitsWarper,
    TopKLogitsWarper,
    TopPLogitsWarper,
)

from pytest_humaneval.core.records import Sampling
from pytest_humaneval.providers.embedded.sequence import GrowingSequence


class TokenChoice(LogitsProcessor):  # type: ignore[misc]  # untyped base
    """Gives the token that is to come next the greatest score.

    Order as in vLLM: logit bias, penalties, temperature, min-p, top-k, top-p. A draw from softmax(s) is the
    argmax of s + g, with g of the standard Gumbel distribution (Gumbel 1954), so sampling is a shift of the
    scores, by random numbers of each row's own.
    """

    def __init__(self, batch: Sequence[GrowingSequence]) -> None:
        self._batch = batch
        self._latest: torch.Tensor | None = None
        request = batch[0].draw.request
        self._sampling = request.sampling
        self._bias = request.extras.table("logit_bias")
        self._shapers = _shapers(request.sampling)

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        """Return the scores, (batch, vocabulary), shaped and, unless greedy, shifted."""
        scores = self._latest = scores.float()
        if self._bias:
            scores = self._biased(scores)
        if self._sampling.repetition_penalty != 1:
            scores = self._penalized(scores)
        if self._sampling.presence_penalty or self._sampling.frequency_penalty:
            scores = self._penalized_as_openai(scores)
        if self._sampling.temperature == 0:
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

    def _biased(self, scores: torch.Tensor) -> torch.Tensor:
        tokens = torch.tensor([int(token) for token in self._bias], device=scores.device)
        added = torch.tensor(list(self._bias.values()), device=scores.device, dtype=scores.dtype)
        return scores.index_add(1, tokens, added.expand(scores.shape[0], -1))

    def _penalized_as_openai(self, scores: torch.Tensor) -> torch.Tensor:
        """Return scores less a penalty for being in a row's answer, once and for each time.

        OpenAI's API reference, "Parameter details"; the prompt does not count.
        """
        counts = torch.zeros_like(scores)
        for index, row in enumerate(self._batch):
            answer = torch.tensor(row.generated, device=scores.device, dtype=torch.long)
            counts[index].index_add_(0, answer, torch.ones_like(answer, dtype=scores.dtype))
        presence, frequency = self._sampling.presence_penalty or 0.0, self._sampling.frequency_penalty or 0.0
        return scores - presence * (counts > 0) - frequency * counts

    def _penalized(self, scores: torch.Tensor) -> torch.Tensor:
        """Return scores with a penalty on each row's own tokens (Keskar et al. 2019, arXiv:1909.05858)."""
        # Not transformers' own RepetitionPenaltyLogitsProcessor: it would penalize the padding token, too.
        scores, penalty = scores.clone(), self._sampling.repetition_penalty
        for index, row in enumerate(self._batch):
            seen = torch.tensor(sorted(set(row.tokens)), device=scores.device)
            score = scores[index, seen]
            scores[index, seen] = torch.where(score < 0, score * penalty, score / penalty)
        return scores


def _shapers(sampling: Sampling) -> list[LogitsProcessor]:
    """Return what a draw at random does to the scores before it; a greedy one does nothing."""
    if sampling.temperature == 0:
        return []
    shapers = [TemperatureLogitsWarper(float(sampling.temperature))]
    if sampling.min_p:
        shapers.append(MinPLogitsWarper(sampling.min_p))
    if sampling.top_k > 0:
        shapers.append(TopKLogitsWarper(sampling.top_k))
    if sampling.top_p < 1:
        shapers.append(TopPLogitsWarper(sampling.top_p))
    return shapers
