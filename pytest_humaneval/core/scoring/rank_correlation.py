"""Spearman's rank correlation of two measurements, and its interval.

rho   1: the ranks are the same; 0: no monotonic relation; -1: the ranks are opposite
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from math import atanh, sqrt, tanh
from statistics import NormalDist, fmean

_Z95 = NormalDist().inv_cdf(0.975)
# The interval is an approximation for larger numbers.
_FEWEST = 10


@dataclass(frozen=True)
class RankCorrelation:
    """A rank correlation.

    Attributes:
        rho: Spearman's coefficient.
        interval: its 95 % interval.
        count: number of pairs.
    """

    rho: float
    interval: tuple[float, float]
    count: int

    @property
    def is_distinguishable(self) -> bool:
        """Whether the interval excludes 0."""
        low, high = self.interval
        return low > 0 or high < 0


def rank_correlation(xs: Sequence[float], ys: Sequence[float]) -> RankCorrelation | None:
    """Return the rank correlation of pairs; None where it has no interval.

    That is for fewer than ten pairs, where one side is constant, or if the correlation is perfect. Equal
    values share the mean of their ranks. Source of the interval, which is Fisher's with a standard error for
    ranks: Bonett and Wright 2000, Psychometrika 65 (1), 23-28.
    """
    if len(xs) < _FEWEST or len(set(xs)) == 1 or len(set(ys)) == 1:
        return None
    rho = _pearson(_ranks(xs), _ranks(ys))
    # Within rounding of 1, where atanh is infinite.
    if abs(rho) > 1 - 1e-12:
        return None
    centre = atanh(rho)
    half = _Z95 * sqrt((1 + rho**2 / 2) / (len(xs) - 3))
    return RankCorrelation(rho, (tanh(centre - half), tanh(centre + half)), len(xs))


def _ranks(values: Sequence[float]) -> list[float]:
    ranks = [0.0] * len(values)
    first = 0
    for _, places in groupby(sorted(range(len(values)), key=values.__getitem__), key=values.__getitem__):
        equal = list(places)
        for place in equal:
            ranks[place] = first + (len(equal) - 1) / 2
        first += len(equal)
    return ranks


def _pearson(xs: Sequence[float], ys: Sequence[float]) -> float:
    mean_x, mean_y = fmean(xs), fmean(ys)
    across = sum((x - mean_x) * (y - mean_y) for x, y in zip(xs, ys, strict=True))
    return across / sqrt(sum((x - mean_x) ** 2 for x in xs) * sum((y - mean_y) ** 2 for y in ys))
