"""The choice of each row's next token: penalties, temperature, what is cut off, and the draw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

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


def chosen_tokens(scores: torch.Tensor, rows: Sequence[GrowingSequence]) -> list[tuple[int, float | None]]:
    """Return each row's next token and the natural logarithm of its probability.

    The latter is that of the model's own distribution, as vLLM reports it: before temperature, penalties and
    whatever else decides which token is drawn. It is None for rows that want none.

    Args:
        scores: the model's, (rows, vocabulary).
        rows: each with its own sampling parameters.
    """
    scores = scores.float()
    tokens = shaped_scores(scores, rows).argmax(-1)
    wanted = [row.draw.request.logprobs for row in rows]
    if not any(wanted):
        return [(token, None) for token in tokens.tolist()]
    logprobs = scores.log_softmax(-1).gather(1, tokens.unsqueeze(1)).squeeze(1).tolist()
    return [
        (token, value if is_wanted else None)
        for token, value, is_wanted in zip(tokens.tolist(), logprobs, wanted, strict=True)
    ]


def shaped_scores(scores: torch.Tensor, rows: Sequence[GrowingSequence]) -> torch.Tensor:
    """Return scores that are greatest for the token that is to come next, (rows, vocabulary).

    Order as in vLLM: logit bias, penalties, temperature, min-p, top-k, top-p. A draw from softmax(s) is the
    argmax of s + g, with g of the standard Gumbel distribution (Gumbel 1954), so sampling is a shift of the
    scores, by random numbers of each row's own.
    """
    alike: dict[tuple[Sampling, str | None], list[int]] = {}
    for index, row in enumerate(rows):
        request = row.draw.request
        alike.setdefault((request.sampling, request.extras.logit_bias), []).append(index)
    if len(alike) == 1:
        return _shaped_alike(scores, rows)
    shaped = torch.empty_like(scores)
    for indices in alike.values():
        shaped[indices] = _shaped_alike(scores[indices], [rows[index] for index in indices])
    return shaped


def _shaped_alike(scores: torch.Tensor, rows: Sequence[GrowingSequence]) -> torch.Tensor:
    """Return the same for rows with the same sampling parameters."""
    request = rows[0].draw.request
    sampling = request.sampling
    if request.extras.logit_bias:
        scores = _biased(scores, request.extras.table("logit_bias"))
    if sampling.repetition_penalty != 1:
        scores = _penalized(scores, rows, sampling.repetition_penalty)
    if sampling.presence_penalty or sampling.frequency_penalty:
        scores = _penalized_as_openai(scores, rows, sampling)
    if sampling.temperature == 0:
        return scores
    for shaper in _shapers(sampling):
        # They look at the scores alone; what came before is the first argument.
        scores = shaper(torch.empty(0, dtype=torch.long), scores)
    # Made on the CPU: a GPU's generator would give other numbers for the same seed.
    noise = [torch.empty(scores.shape[1]).exponential_(generator=row.generator) for row in rows]
    # -log of an exponentially distributed variable has the Gumbel distribution.
    return scores - torch.stack(noise).log().to(scores.device)


def _biased(scores: torch.Tensor, bias: Mapping[str, float]) -> torch.Tensor:
    tokens = torch.tensor([int(token) for token in bias], device=scores.device)
    added = torch.tensor(list(bias.values()), device=scores.device, dtype=scores.dtype)
    return scores.index_add(1, tokens, added.expand(scores.shape[0], -1))


def _penalized(scores: torch.Tensor, rows: Sequence[GrowingSequence], penalty: float) -> torch.Tensor:
    """Return scores with a penalty on each row's own tokens (Keskar et al. 2019, arXiv:1909.05858)."""
    # Not transformers' own RepetitionPenaltyLogitsProcessor: it takes one tensor of tokens, so rows of
    # different lengths would be penalized for what pads them.
    scores = scores.clone()
    for index, row in enumerate(rows):
        seen = torch.tensor(sorted(set(row.tokens)), device=scores.device)
        score = scores[index, seen]
        scores[index, seen] = torch.where(score < 0, score * penalty, score / penalty)
    return scores


def _penalized_as_openai(
    scores: torch.Tensor, rows: Sequence[GrowingSequence], sampling: Sampling
) -> torch.Tensor:
    """Return scores less a penalty for being in a row's answer, once and for each time.

    OpenAI's API reference, "Parameter details"; the prompt does not count.
    """
    counts = torch.zeros_like(scores)
    for index, row in enumerate(rows):
        answer = torch.tensor(row.generated, device=scores.device, dtype=torch.long)
        counts[index].index_add_(0, answer, torch.ones_like(answer, dtype=scores.dtype))
    presence, frequency = sampling.presence_penalty or 0.0, sampling.frequency_penalty or 0.0
    return scores - presence * (counts > 0) - frequency * counts


def _shapers(sampling: Sampling) -> list[LogitsProcessor]:
    """Return what a draw at random does to the scores before it."""
    shapers = [TemperatureLogitsWarper(float(sampling.temperature))]
    if sampling.min_p:
        shapers.append(MinPLogitsWarper(sampling.min_p))
    if sampling.top_k > 0:
        shapers.append(TopKLogitsWarper(sampling.top_k))
    if sampling.top_p < 1:
        shapers.append(TopPLogitsWarper(sampling.top_p))
    return shapers
