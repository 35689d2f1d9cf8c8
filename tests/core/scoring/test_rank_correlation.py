"""Spearman's rank correlation, compared with scipy and its definition."""

from __future__ import annotations

import pytest

from pytest_humaneval.core.scoring.rank_correlation import rank_correlation

# The example of Wikipedia's article on the coefficient: intelligence quotient, hours of television a week.
QUOTIENTS = (106, 100, 86, 101, 99, 103, 97, 113, 112, 110)
HOURS = (7, 27, 2, 50, 28, 29, 20, 12, 6, 17)


def test_a_published_example_has_its_coefficient() -> None:
    """-29/165; the interval is Fisher's with Bonett and Wright's standard error, worked out by hand."""
    found = rank_correlation(QUOTIENTS, HOURS)

    assert found is not None
    assert found.rho == pytest.approx(-29 / 165)
    assert found.interval == pytest.approx((-0.7278, 0.5145), abs=5e-4)
    assert (found.count, found.is_distinguishable) == (10, False)


def test_equal_values_share_the_mean_of_their_ranks() -> None:
    """As scipy.stats.spearmanr has it (1.17.1); the order of equal values means nothing."""
    xs = [1, 1, 2, 2, 3, 3, 4, 4, 5, 6, 6, 7]
    ys = [0, 1, 0, 1, 1, 2, 2, 2, 2, 3, 3, 3]

    found, turned = rank_correlation(xs, ys), rank_correlation(xs[::-1], ys[::-1])

    assert found is not None
    assert turned is not None
    assert found.rho == pytest.approx(turned.rho) == pytest.approx(0.9254845499548905)
    assert found.is_distinguishable


@pytest.mark.parametrize(
    ("xs", "ys"),
    [(range(9), range(9)), ([1] * 12, range(12)), (range(12), [0] * 12), ((), ()), (range(12), range(12))],
)
def test_what_has_no_interval_is_no_correlation(xs: list[float], ys: list[float]) -> None:
    """Few or constant values, and the same order: no figure is better than one that means nothing."""
    assert rank_correlation(xs, ys) is None
