"""The paired difference of two runs: what it is, how sure it is, and how small a one could be seen at all.

    d   one problem's pass@1 now, less its pass@1 before     -1 <= d <= 1

The test is the exact sign-flip permutation test of the mean of d: had nothing changed, each problem's d would
be as likely to have the other sign. With one sample a problem every d is -1, 0 or 1, and this is McNemar's
exact test. Sources: Fisher 1935, The Design of Experiments, section 21; McNemar 1947, Psychometrika 12 (2).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm, sqrt
from statistics import NormalDist, fmean, stdev

from pytest_humaneval.core.scoring.metrics import bootstrap95, mcnemar_p, wilson95

SIGNIFICANCE = 0.05
"""A difference with a p-value below this is told from chance."""

_Z95 = NormalDist().inv_cdf(1 - SIGNIFICANCE / 2)
_FINEST_GRID = 2_000
"""Differences are rounded to 1/this where the numbers of samples have no smaller common multiple."""

Pair = tuple[Fraction, Fraction]
"""One problem's pass@1: before, now."""


@dataclass(frozen=True)
class Difference:
    """How two runs differ on the problems that both judged.

    Attributes:
        p_value: of the exact test, two-sided.
        interval: 95 %, of the mean difference; it holds 0 wherever the test finds nothing.
        detectable: the smallest mean difference that would be told from chance here.
        test: what the test is called.
    """

    p_value: float
    interval: tuple[float, float]
    detectable: float
    test: str


def difference(pairs: Sequence[Pair]) -> Difference:
    """Return what can be said of the difference of two runs, of at least one problem."""
    changes = [now - before for before, now in pairs]
    is_binary = all(score in (0, 1) for pair in pairs for score in pair)
    p_value = sign_flip_p(changes)
    low, high = newcombe95(pairs) if is_binary else bootstrap95([float(change) for change in changes])
    if (
        p_value >= SIGNIFICANCE
    ):  # both intervals are approximate; what the exact test cannot tell, they do not
        low, high = min(low, 0.0), max(high, 0.0)
    detectable = _detectable_flips(changes) if is_binary else _detectable_mean(pairs)
    return Difference(p_value, (low, high), detectable, "McNemar" if is_binary else "sign-flip permutation")


def sign_flip_p(changes: Sequence[Fraction]) -> float:
    """Return the exact two-sided p-value of the sum of differences under free choice of their signs.

    All 2^m sums of m differences that are not 0 are counted, by a product of polynomials: the coefficient of
    x^t tells how many choices of positive signs add up to t, and one big integer holds all coefficients.
    """
    grid = min(lcm(*(change.denominator for change in changes)), _FINEST_GRID)
    steps = [step for change in changes if (step := round(change * grid))]
    total = sum(map(abs, steps))
    observed = abs(sum(steps))
    if not observed:
        return 1.0
    bits = len(steps) + 1  # of one coefficient, which is at most 2^m
    counts = 1
    for step in steps:
        counts += counts << abs(step) * bits
    at_least = counts >> (total + observed) // 2 * bits
    extreme = at_least % ((1 << bits) - 1)  # the sum of its coefficients, as casting out nines
    return float(min(Fraction(1), Fraction(2 * extreme, 1 << len(steps))))


def newcombe95(pairs: Sequence[Pair]) -> tuple[float, float]:
    """Return the 95 % interval of the difference of two paired shares: Wilson's intervals, joined.

    Source: Newcombe 1998, Statistics in Medicine 17 (22), 2635-2650, method 10.
    """
    total = len(pairs)
    both, gained = pairs.count((Fraction(1), Fraction(1))), pairs.count((Fraction(0), Fraction(1)))
    lost = pairs.count((Fraction(1), Fraction(0)))
    now, before = both + gained, both + lost
    (low_now, high_now), (low_before, high_before) = wilson95(now, total), wilson95(before, total)
    share_now, share_before = now / total, before / total
    phi = _correlation(both, gained, lost, total)
    below = _joined(share_now - low_now, high_before - share_before, phi)
    above = _joined(high_now - share_now, share_before - low_before, phi)
    mean = (gained - lost) / total
    return max(-1.0, mean - below), min(1.0, mean + above)


def _joined(one: float, other: float, phi: float) -> float:
    return sqrt(max(0.0, one**2 - 2 * phi * one * other + other**2))


def _correlation(both: int, gained: int, lost: int, total: int) -> float:
    """Newcombe's estimate of phi, drawn towards 0 by half a problem's worth where it is positive."""
    neither = total - both - gained - lost
    margins = (both + gained) * (lost + neither) * (both + lost) * (gained + neither)
    if not margins:
        return 0.0
    product = both * neither - gained * lost
    return (max(0.0, product - total / 2) if product > 0 else product) / sqrt(margins)


def _detectable_flips(changes: Sequence[Fraction]) -> float:
    """With as many flips as there were, and at least as many as are ever enough if all go one way."""
    flips = sum(change != 0 for change in changes)
    while mcnemar_p(flips, 0) >= SIGNIFICANCE:
        flips += 1
    lost = next(lost for lost in range(flips // 2, -1, -1) if mcnemar_p(flips - lost, lost) < SIGNIFICANCE)
    return min(1.0, (flips - 2 * lost) / len(changes))


def _detectable_mean(pairs: Sequence[Pair]) -> float:
    """1.96 standard errors; where nothing differs, those of two runs with samples as uncertain as these."""
    changes = [float(now - before) for before, now in pairs]
    if len(pairs) > 1 and any(changes):
        return min(1.0, _Z95 * stdev(changes) / sqrt(len(pairs)))
    spread = fmean(float(now * (1 - now) + before * (1 - before)) for before, now in pairs)
    return min(1.0, _Z95 * sqrt(spread / len(pairs)))
