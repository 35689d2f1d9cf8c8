"""The figures of a run: pass@k, its interval, and the test of a difference between two runs.

    n   samples drawn for a problem          n >= 1
    c   how many of them passed              0 <= c <= n
    k   how many a user would look at        1 <= k <= n

A benchmark's figure is the plain mean over its problems.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from math import comb, sqrt
from statistics import NormalDist

Counts = tuple[int, int]
"""One problem's samples as (n, c): drawn, passed."""

_Z95 = NormalDist().inv_cdf(0.975)


def pass_at_k(n: int, c: int, k: int) -> float:
    """Return one problem's unbiased pass@k: the share of all k-subsets of its samples that hold a pass.

    The nearest float to the true value, so ``pass_at_k(n, c, 1) == c / n`` holds exactly.
    Source: Chen et al. 2021, arXiv:2107.03374, section 2.1.

    Raises:
        ValueError: fewer than k samples were drawn, or c is not in 0..n.
    """
    return float(_exact_pass_at_k(n, c, k))


def _exact_pass_at_k(n: int, c: int, k: int) -> Fraction:
    if not 1 <= k <= n:
        raise ValueError(f"pass@{k} needs at least {k} samples per problem, but n = {n}")
    if not 0 <= c <= n:
        raise ValueError(f"{c} passing samples out of {n} is impossible")
    subsets = comb(n, k)
    return Fraction(subsets - comb(n - c, k), subsets)


def mean_pass_at_k(counts: Sequence[Counts], k: int) -> float:
    """Return the benchmark's pass@k: the mean over its problems; 0 without problems.

    The nearest float to the true value, so a threshold that is reached is never missed by rounding.
    """
    return float(_exact_sum(counts, k) / max(1, len(counts)))


def _exact_sum(counts: Sequence[Counts], k: int) -> Fraction:
    """Return the sum of the problems' pass@k; equal ones are computed once."""
    return sum((times * _exact_pass_at_k(n, c, k) for (n, c), times in Counter(counts).items()), Fraction())


def interval95(counts: Sequence[Counts], k: int = 1) -> tuple[float, float]:
    """Return a 95 % interval of pass@k: Wilson's over the problems, however many samples each has.

    A problem counts as one observation, since its samples are not independent: its own pass@k, from 0 to 1.
    The variance of such values with the mean p is at most p (1 - p), that of single passes, so the interval
    may be too wide for several samples per problem, and is never too narrow because they agree: 20 problems
    whose 3 samples all passed have the interval of 20 passes.
    Source of the bound: Bhatia and Davis 2000, The American Mathematical Monthly 107 (4), 353-357.

    Raises:
        ValueError: a problem has fewer than k samples.
    """
    if not counts:
        return 0.0, 1.0
    return wilson95(_exact_sum(counts, k), len(counts))


def wilson95(passed: int | Fraction, total: int) -> tuple[float, float]:
    """Return Wilson's 95 % score interval of a proportion, without continuity correction.

    Source: Wilson 1927, JASA 22 (158), 209-212.
    """
    share, z2 = float(passed / total), _Z95**2
    centre = (share + z2 / (2 * total)) / (1 + z2 / total)
    half = _Z95 * sqrt(share * (1 - share) / total + z2 / (4 * total**2)) / (1 + z2 / total)
    # For no and for all passes a bound is 0 or 1 by definition, which floating point may miss by its last
    # bit.
    return 0.0 if passed == 0 else centre - half, 1.0 if passed == total else centre + half


def mcnemar_p(gained: int, lost: int) -> float:
    """Return the two-sided p-value of McNemar's exact test, given the flips in each direction.

    Under the null hypothesis each flip is a fair coin; the value is twice the smaller tail, at most 1.
    Source: McNemar 1947, Psychometrika 12 (2), 153-157.
    """
    flips = gained + lost
    tail = sum(comb(flips, i) for i in range(min(gained, lost) + 1))
    return min(1.0, 2 * tail / (1 << flips))
