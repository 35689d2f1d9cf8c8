"""The paired difference of two runs: its significance, its interval, and the smallest detectable difference.

    d   one problem's pass@1 now minus its pass@1 before     -1 <= d <= 1

The test is the exact sign-flip permutation test of the mean of d: if nothing had changed, each problem's d
would be equally likely to have the other sign. With one sample per problem every d is -1, 0 or 1, and this is
McNemar's exact test. Sources: Fisher 1935, The Design of Experiments, section 21; McNemar 1947, Psychometrika
12 (2).
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm, sqrt
from statistics import NormalDist, fmean, stdev

from pytest_humaneval.core.scoring.metrics import mcnemar_p, wilson95

SIGNIFICANCE = 0.05
"""A difference with a p-value below this is significant."""

_Z95 = NormalDist().inv_cdf(1 - SIGNIFICANCE / 2)
_FINEST_GRID = 2_000
"""Differences are rounded to multiples of 1 / this if their denominators' common multiple is larger.

The time of the test grows with that multiple: 199 samples then and 200 now have 39,800.
"""

# For 100 problems the ends of the interval vary by up to 1.5 points between 20 seeds; 10,000 resamples, which
# take five times as long, vary by 0.5.
_RESAMPLES = 2_000

Pair = tuple[Fraction, Fraction]
"""One problem's pass@1: before, now."""


@dataclass(frozen=True)
class Difference:
    """How two runs differ on the problems that both judged.

    Attributes:
        p_value: of the exact test, two-sided.
        interval: 95 % interval of the mean difference; it contains 0 wherever the test is not significant.
        detectable: the smallest mean difference that would be significant here.
        test: the name of the test.
    """

    p_value: float
    interval: tuple[float, float]
    detectable: float
    test: str


def difference(pairs: Sequence[Pair]) -> Difference:
    """Return the difference of two runs over their pairs, of which there must be at least one."""
    changes = [now - before for before, now in pairs]
    is_binary = all(score in (0, 1) for pair in pairs for score in pair)
    p_value = sign_flip_p(changes)
    detectable = _detectable_flips(changes) if is_binary else _detectable_mean(pairs)
    low, high = _interval95(pairs, changes, detectable, is_binary=is_binary)
    # Both intervals are approximate and may exclude 0 where the exact test finds nothing; a report must not
    # claim both.
    if p_value >= SIGNIFICANCE:
        low, high = min(low, 0.0), max(high, 0.0)
    return Difference(p_value, (low, high), detectable, "McNemar" if is_binary else "sign-flip permutation")


def sign_flip_p(changes: Sequence[Fraction]) -> float:
    """Return the exact two-sided p-value of the sum of differences over all assignments of signs.

    All 2^m sums of the m differences that are not 0 are counted by a product of polynomials: the coefficient
    of x^t is the number of sets of positive signs whose differences add up to t. One big integer holds all
    coefficients.
    """
    grid = min(lcm(*(change.denominator for change in changes)), _FINEST_GRID)
    steps = [step for change in changes if (step := round(change * grid))]
    total = sum(map(abs, steps))
    observed = abs(sum(steps))
    if not observed:
        return 1.0
    # The width of one coefficient, which is at most 2^m: so no carry ever reaches the next one.
    bits = len(steps) + 1
    # Multiplying by (1 + x^step) is a shift and an addition: the speed of CPython's big integers, without
    # numpy.
    counts = 1
    for step in steps:
        counts += counts << abs(step) * bits
    # Positive signs that add up to t make the sum 2t - total, which is at least ``observed`` from this t on.
    at_least = counts >> (total + observed) // 2 * bits
    # The sum of all digits in base 2^bits, as the remainder by 9 is of decimal digits; it is at most 2^m,
    # less than the modulus, so nothing is lost.
    extreme = at_least % ((1 << bits) - 1)
    return float(min(Fraction(1), Fraction(2 * extreme, 1 << len(steps))))


def _interval95(
    pairs: Sequence[Pair], changes: Sequence[Fraction], detectable: float, *, is_binary: bool
) -> tuple[float, float]:
    if is_binary:
        return newcombe95(pairs)
    # A bootstrap of nothing but zeros has no width, as if the two could not differ at all.
    return bootstrap95([float(change) for change in changes]) if any(changes) else (-detectable, detectable)


def bootstrap95(values: Sequence[float]) -> tuple[float, float]:
    """Return the 95 % interval of the mean over problems: a percentile bootstrap with a fixed seed.

    Source: Efron 1979, The Annals of Statistics 7 (1), 1-26.
    """
    draw = random.Random(0)  # noqa: S311 (statistics, not secrets)
    means = sorted(fmean(draw.choices(values, k=len(values))) for _ in range(_RESAMPLES))
    return means[round(0.025 * _RESAMPLES)], means[round(0.975 * _RESAMPLES) - 1]


def newcombe95(pairs: Sequence[Pair]) -> tuple[float, float]:
    """Return the 95 % interval of the difference of two paired proportions, from Wilson's interval of each.

    Source: Newcombe 1998, Statistics in Medicine 17 (22), 2635-2650, method 10.
    """
    total = len(pairs)
    both, gained = pairs.count((Fraction(1), Fraction(1))), pairs.count((Fraction(0), Fraction(1)))
    lost = pairs.count((Fraction(1), Fraction(0)))
    now, before = both + gained, both + lost
    (low_now, high_now), (low_before, high_before) = wilson95(now, total), wilson95(before, total)
    share_now, share_before = now / total, before / total
    phi = _correlation(both, gained, lost, total)
    below = _combined(share_now - low_now, high_before - share_before, phi)
    above = _combined(high_now - share_now, share_before - low_before, phi)
    mean = (gained - lost) / total
    return max(-1.0, mean - below), min(1.0, mean + above)


def _combined(one: float, other: float, phi: float) -> float:
    # Not negative for any |phi| <= 1, except by rounding.
    return sqrt(max(0.0, one**2 - 2 * phi * one * other + other**2))


def _correlation(both: int, gained: int, lost: int, total: int) -> float:
    """Return Newcombe's estimate of the correlation phi, continuity-corrected where it is positive."""
    neither = total - both - gained - lost
    margins = (both + gained) * (lost + neither) * (both + lost) * (gained + neither)
    if not margins:
        return 0.0
    product = both * neither - gained * lost
    return (max(0.0, product - total / 2) if product > 0 else product) / sqrt(margins)


def _detectable_flips(changes: Sequence[Fraction]) -> float:
    """Return the smallest significant difference for as many flips as there were.

    If those are too few for any significance, for the fewest that are enough if all go in one direction: six.
    """
    flips = sum(change != 0 for change in changes)
    while mcnemar_p(flips, 0) >= SIGNIFICANCE:
        flips += 1
    lost = next(lost for lost in range(flips // 2, -1, -1) if mcnemar_p(flips - lost, lost) < SIGNIFICANCE)
    return min(1.0, (flips - 2 * lost) / len(changes))


def _detectable_mean(pairs: Sequence[Pair]) -> float:
    """Return 1.96 standard errors of the mean difference.

    If nothing differs, the standard error is estimated from the binomial variance of each problem's samples.
    """
    changes = [float(now - before) for before, now in pairs]
    if len(pairs) > 1 and any(changes):
        return min(1.0, _Z95 * stdev(changes) / sqrt(len(pairs)))
    spread = fmean(float(now * (1 - now) + before * (1 - before)) for before, now in pairs)
    return min(1.0, _Z95 * sqrt(spread / len(pairs)))
