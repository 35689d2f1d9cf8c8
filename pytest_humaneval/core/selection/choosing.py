"""Choose one of a problem's samples, by what is known of each without a look at any hidden test."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import fsum

from pytest_humaneval.core.calls import FAILED
from pytest_humaneval.core.results import Sample

_LEAST_WEIGHT = 0.01


@dataclass(frozen=True)
class Attempt:
    """All that choosing may know of a sample: no verdict is among it.

    Attributes:
        examples: how many examples the prompt has.
        examples_passed: how many of them it gets right.
        behaviour: a key of what each call of the probe gave; empty where there was no program to call.
        mean_logprob: the mean natural logarithm of its tokens' probabilities; None if unknown.
    """

    examples: int = 0
    examples_passed: int = 0
    behaviour: tuple[str, ...] = ()
    mean_logprob: float | None = None

    @staticmethod
    def of(sample: Sample) -> Attempt:
        """Return what choosing may know of a sample, as it is after repair."""
        final = sample.final
        return Attempt(final.examples or 0, final.examples_passed or 0, final.behaviour, final.mean_logprob)

    @property
    def weight(self) -> float:
        """What its vote counts: the square of the share of examples that it gets right, and hardly less."""
        return (self.examples_passed / self.examples if self.examples else 1.0) ** 2 + _LEAST_WEIGHT

    @property
    def returns(self) -> bool:
        """Whether any of the calls returned."""
        return any(not key.startswith(FAILED) for key in self.behaviour)


Way = Callable[[Sequence[Attempt]], Sequence[float]]
"""Scores attempts at one problem: the highest is the best."""


def choose(attempts: Sequence[Attempt], ways: Sequence[str]) -> int:
    """Return the index of the attempt that the first way finds best; later ways decide among equals.

    Args:
        attempts: at one problem, in the order in which they were drawn; at least one.
        ways: names of ``config.ways.WAYS``. Among those that all ways find equal, the first is chosen.
    """
    return best(attempts, ways)[0]


def best(attempts: Sequence[Attempt], ways: Sequence[str]) -> list[int]:
    """Return the indices of the attempts that all ways find equally good, in order."""
    scores = [_WAYS[way](attempts) for way in ways]
    keys = [tuple(score[index] for score in scores) for index in range(len(attempts))]
    highest = max(keys)
    return [index for index, key in enumerate(keys) if key == highest]


def groups(attempts: Sequence[Attempt]) -> list[tuple[str, ...]]:
    """Return for each attempt what it gave where it counts: equal for attempts that behave alike.

    A call counts if at most half of the attempts, by weight, fail at it: one at which most fail is probably
    no input that the function is meant for. An attempt that returned nothing at all has an empty one.
    """
    able = [attempt for attempt in attempts if attempt.returns]
    # Not sum(): its rounding depends on the order, and may make half of the weight a little more than half.
    total = fsum(attempt.weight for attempt in able)
    failed = [
        fsum(attempt.weight for attempt in able if attempt.behaviour[call].startswith(FAILED))
        for call in range(len(able[0].behaviour) if able else 0)
    ]
    counted = [call for call, weight in enumerate(failed) if 2 * weight <= total]
    return [tuple(each.behaviour[call] for call in counted) if each.returns else () for each in attempts]


def _first(attempts: Sequence[Attempt]) -> Sequence[float]:
    return [-index for index in range(len(attempts))]


def _examples(attempts: Sequence[Attempt]) -> Sequence[float]:
    return [attempt.examples_passed for attempt in attempts]


def _vote(attempts: Sequence[Attempt]) -> Sequence[float]:
    """Score by the weight of all that behave alike (MBR-exec, arXiv:2204.11454)."""
    found = groups(attempts)
    weights: dict[tuple[str, ...], float] = defaultdict(float)
    for attempt, group in zip(attempts, found, strict=True):
        weights[group] += attempt.weight if group else 0
    # Rounded: sums in another order are no other weights.
    return [round(weights[group], 9) for group in found]


def _likelihood(attempts: Sequence[Attempt]) -> Sequence[float]:
    return [float("-inf") if each.mean_logprob is None else each.mean_logprob for each in attempts]


_WAYS: Mapping[str, Way] = {
    "first": _first,
    "examples": _examples,
    "vote": _vote,
    "likelihood": _likelihood,
}
