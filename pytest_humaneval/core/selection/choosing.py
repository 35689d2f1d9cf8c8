"""Choose one of a problem's samples, by what is known of each without a look at any hidden test."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from pytest_humaneval.core.results import Sample


@dataclass(frozen=True)
class Attempt:
    """All that choosing may know of a sample: no verdict is among it.

    Attributes:
        examples_passed: how many of the prompt's own examples it gets right.
        behaviour: a key of what each call of the probe gave; empty where there was no program to call.
        mean_logprob: the mean natural logarithm of its tokens' probabilities; None if unknown.
    """

    examples_passed: int = 0
    behaviour: tuple[str, ...] = ()
    mean_logprob: float | None = None

    @staticmethod
    def of(sample: Sample) -> Attempt:
        """Return what choosing may know of a sample, as it is after repair."""
        final = sample.final
        return Attempt(final.examples_passed or 0, final.behaviour, final.mean_logprob)


Way = Callable[[Sequence[Attempt]], Sequence[float]]
"""Scores attempts at one problem: the highest is the best."""


def choose(attempts: Sequence[Attempt], ways: Sequence[str]) -> int:
    """Return the index of the attempt that the first way finds best; later ways decide among equals.

    Args:
        attempts: at one problem, in the order in which they were drawn; at least one.
        ways: names of ``ways.WAYS``. Among those that all ways find equal, the first is chosen.
    """
    return best(attempts, ways)[0]


def best(attempts: Sequence[Attempt], ways: Sequence[str]) -> list[int]:
    """Return the indices of the attempts that all ways find equally good, in order."""
    scores = [_WAYS[way](attempts) for way in ways]
    keys = [tuple(score[index] for score in scores) for index in range(len(attempts))]
    highest = max(keys)
    return [index for index, key in enumerate(keys) if key == highest]


def _first(attempts: Sequence[Attempt]) -> Sequence[float]:
    return [-index for index in range(len(attempts))]


def _examples(attempts: Sequence[Attempt]) -> Sequence[float]:
    return [attempt.examples_passed for attempt in attempts]


def _vote(attempts: Sequence[Attempt]) -> Sequence[float]:
    """Score by the weight of those that behave alike; each weighs more, the more examples it passes."""
    weights: dict[tuple[str, ...], float] = {}
    for attempt in attempts:
        behaviour = attempt.behaviour
        weights[behaviour] = weights.get(behaviour, 0) + bool(behaviour) * (1 + attempt.examples_passed)
    return [weights[attempt.behaviour] for attempt in attempts]


def _likelihood(attempts: Sequence[Attempt]) -> Sequence[float]:
    return [float("-inf") if attempt.mean_logprob is None else attempt.mean_logprob for attempt in attempts]


_WAYS: Mapping[str, Way] = {
    "first": _first,
    "examples": _examples,
    "vote": _vote,
    "likelihood": _likelihood,
}
