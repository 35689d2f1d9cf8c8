"""What the samples of an experiment cost, by the tokens that came with them."""

from __future__ import annotations

from collections.abc import Iterable

from pytest_humaneval.core.cost import Bill, Cost, Prices
from pytest_humaneval.core.records import Outcome
from pytest_humaneval.core.results import ProblemResult, Sample

_WITHOUT_TOKENS = (Outcome.INFRA_ERROR, Outcome.NO_CODE)
"""Outcomes that a sample without a single token may have."""


def run_cost(results: Iterable[ProblemResult], prices: Prices, bill: Bill) -> Cost:
    """Return what an experiment cost: this run's ``bill``, and what all of its samples cost."""
    attempts = [_attempts(result) for result in results]
    all_samples = sum(
        prices.cost(sample.prompt_tokens, sample.completion_tokens) for each in attempts for sample in each
    )
    return Cost(bill.cost, all_samples if all(map(_are_counted, attempts)) else None, bill.uncounted)


def _attempts(result: ProblemResult) -> list[Sample]:
    """Return the samples of a problem, each with its later rounds."""
    return [attempt for sample in result.figures for attempt in (sample, *sample.rounds)]


def _are_counted(attempts: Iterable[Sample]) -> bool:
    """Return whether the tokens of a problem's answers are known; samples of one request share its prompt."""
    answers = [each for each in attempts if each.outcome is not Outcome.INFRA_ERROR or each.completion_tokens]
    if not answers:
        return True
    is_read = any(each.prompt_tokens for each in answers)
    return is_read and all(each.completion_tokens or each.outcome in _WITHOUT_TOKENS for each in answers)
