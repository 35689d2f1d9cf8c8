"""The expected score of a choice among k of a problem's n samples, each subset of them equally likely.

Where a way finds several samples of a subset equally good, one of them is taken by chance, as nothing tells
them apart. Samples of which choosing knows the same are a class, so subsets with the same numbers of each
class are looked at once, with the weight that the multivariate hypergeometric distribution gives them.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from math import comb, inf, prod
from statistics import fmean
from typing import Any

from pytest_humaneval.core.calls import FAILED
from pytest_humaneval.core.selection.choosing import Attempt, best

Judged = tuple[Attempt, bool]
"""What choosing may know of a sample, and whether it passed."""

# By these ways each sample has a value of its own: the best of a subset follows from the order of all.
_VALUES: Mapping[str, Callable[[Attempt], float]] = {
    "examples": lambda attempt: attempt.examples_passed,
    "likelihood": lambda attempt: -inf if attempt.mean_logprob is None else attempt.mean_logprob,
}
# Of 10 samples there are at most so many subsets of one size. Where more of them differ, some are drawn: with
# 164 problems the standard error of a point is then below 0.7 points (0.5 / sqrt(164 x 32)).
_MOST_SUBSETS = 252
_DRAWN_SUBSETS = 32
# Fewer of large ones, which differ less and take longer: so many samples in all, but at least four subsets.
_DRAWN_SAMPLES = 1_600

_Class = tuple[Attempt, int, int]
"""What choosing knows of each of some samples, how many they are, how many of them passed."""

_Subset = tuple[Sequence[int], int]
"""How many samples of each class it has, and how many subsets are like that."""


def expected_scores(
    problem: Sequence[Judged], ways: tuple[str, ...], budgets: Sequence[int], seed: str = ""
) -> list[float]:
    """Return for each budget the expected score of a choice among so many of the problem's samples.

    Args:
        problem: its samples, in any order.
        ways: how is chosen; not ``first``, which knows an order.
        budgets: each at least 1, at most the number of samples.
        seed: of the subsets that are drawn, where too many differ to look at all of them.
    """
    passes = sum(passed for _, passed in problem)
    if passes in (0, len(problem)):
        return [float(passes > 0)] * len(budgets)
    classes = _classes(problem, ways)
    if _VALUES.keys() >= set(ways):
        levels = _levels(classes, ways)
        return [_of_the_highest(levels, k) for k in budgets]
    return [
        passes / len(problem)
        if k == 1
        else _of_subsets(classes, ways, _all_subsets(classes, k) or _drawn(classes, k, seed))
        for k in budgets
    ]


def _classes(problem: Sequence[Judged], ways: tuple[str, ...]) -> list[_Class]:
    """Return the samples by what these ways tell apart."""
    blind: dict[str, Any] = {} if "likelihood" in ways else {"mean_logprob": None}
    if "vote" not in ways:
        blind["behaviour"] = ()
    calls = _telling([attempt.behaviour for attempt, _ in problem if attempt.behaviour])
    known = [
        (replace(attempt, **{"behaviour": _only(calls, attempt), **blind}), passed)
        for attempt, passed in problem
    ]
    sizes = Counter(attempt for attempt, _ in known)
    passes = Counter(attempt for attempt, passed in known if passed)
    return [(attempt, size, passes[attempt]) for attempt, size in sizes.items()]


def _telling(behaviours: Sequence[Sequence[str]]) -> list[int]:
    """Return the calls that are worth looking at: not those that tell samples apart as an earlier one does.

    Of some twenty calls most say the same. A vote asks of each which samples gave the same and which failed.
    """
    found: dict[tuple[tuple[int, bool], ...], int] = {}
    for call, keys in enumerate(zip(*behaviours, strict=True)):
        seen: dict[str, int] = {}
        pattern = tuple((seen.setdefault(key, len(seen)), key.startswith(FAILED)) for key in keys)
        found.setdefault(pattern, call)
    return list(found.values())


def _only(calls: Sequence[int], attempt: Attempt) -> tuple[str, ...]:
    return tuple(attempt.behaviour[call] for call in calls) if attempt.behaviour else ()


def _levels(classes: Sequence[_Class], ways: tuple[str, ...]) -> list[list[_Class]]:
    """Return the classes by the value that these ways give to each sample, the worst first."""

    def value(each: _Class) -> tuple[float, ...]:
        return tuple(_VALUES[way](each[0]) for way in ways)

    return [list(equal) for _, equal in groupby(sorted(classes, key=value), key=value)]


def _of_the_highest(levels: Sequence[Sequence[_Class]], k: int) -> float:
    """Return the score where each sample has a value, and those of the highest value in a subset are best.

    A subset's highest value is v if it has no sample above v and one with v: C(a, k) - C(b, k) of all C(n, k)
    subsets, with a samples up to v and b below it. Each sample of v is then as likely to be taken.
    """
    below, score = 0, 0.0
    total = sum(size for level in levels for _, size, _ in level)
    for level in levels:
        size = sum(size for _, size, _ in level)
        share = sum(passed for *_, passed in level) / size
        score += share * ((comb(below + size, k) - comb(below, k)) / comb(total, k))
        below += size
    return score


def _of_subsets(classes: Sequence[_Class], ways: tuple[str, ...], subsets: Sequence[_Subset]) -> float:
    total = sum(weight for _, weight in subsets)
    return sum(weight * _score(classes, counts, ways) for counts, weight in subsets) / total


def _score(classes: Sequence[_Class], counts: Sequence[int], ways: tuple[str, ...]) -> float:
    """Return the share of passes among a subset's best samples."""
    members = [place for place, count in enumerate(counts) for _ in range(count)]
    chosen = [members[index] for index in best([classes[place][0] for place in members], ways)]
    return fmean(classes[place][2] / classes[place][1] for place in chosen)


def _all_subsets(classes: Sequence[_Class], k: int) -> list[_Subset]:
    """Return all subsets of k samples, those that are alike once; none if too many differ."""
    sizes = [size for _, size, _ in classes]
    left = sum(sizes)
    begun: list[tuple[int, ...]] = [()]
    for size in sizes:
        left -= size
        begun = [
            (*counts, count)
            for counts in begun
            for count in range(max(0, k - sum(counts) - left), min(size, k - sum(counts)) + 1)
        ]
        # Each that is begun can be completed, so there will not be fewer.
        if len(begun) > _MOST_SUBSETS:
            return []
    return [(counts, prod(map(comb, sizes, counts))) for counts in begun]


def _drawn(classes: Sequence[_Class], k: int, seed: str) -> list[_Subset]:
    """Return subsets of k samples drawn by chance; the same for every way."""
    draw = random.Random(f"{seed} {k}")  # noqa: S311 (statistics, not secrets)
    samples = [place for place, (_, size, _) in enumerate(classes) for _ in range(size)]
    times = max(4, min(_DRAWN_SUBSETS, _DRAWN_SAMPLES // k))
    counted = (Counter(draw.sample(samples, k)) for _ in range(times))
    return [([counts[place] for place in range(len(classes))], 1) for counts in counted]
