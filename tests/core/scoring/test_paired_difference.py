"""The paired difference, compared with scipy and with enumeration."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from itertools import product
from math import sqrt
from statistics import stdev

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pytest_humaneval.core.scoring.metrics import mcnemar_p, pass_at_k, wilson95
from pytest_humaneval.core.scoring.paired_difference import (
    Difference,
    bootstrap95,
    difference,
    newcombe95,
    sign_flip_p,
)

ONE, NIL = Fraction(1), Fraction(0)


def flips(gained: int, lost: int, both: int = 50, neither: int = 50) -> list[tuple[Fraction, Fraction]]:
    """Return the pairs of two runs with one sample per problem."""
    return [(NIL, ONE)] * gained + [(ONE, NIL)] * lost + [(ONE, ONE)] * both + [(NIL, NIL)] * neither


def test_mcnemar_is_scipys_binomial_test() -> None:
    """Every count of flips up to 60 has the p-value of scipy.stats.binomtest, to twelve digits."""
    stats = pytest.importorskip("scipy.stats")

    for gained, lost in product(range(0, 61, 3), repeat=2):
        expected = stats.binomtest(gained, gained + lost).pvalue if gained + lost else 1.0
        assert mcnemar_p(gained, lost) == pytest.approx(expected, rel=1e-12)
        assert difference(flips(gained, lost)).p_value == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    "tenths", [[1, 2, 3, 4, -1], [5, -5, 3, 0, 0, 1], [10] * 6, [-7, 2, 2, 2, -1, -1, 3, 9, -4]]
)
def test_the_permutation_test_is_scipys(tenths: list[int]) -> None:
    """All choices of signs are counted, as scipy.stats.permutation_test does for so few."""
    stats = pytest.importorskip("scipy.stats")

    expected = stats.permutation_test(
        (tenths,), lambda x, axis: x.sum(axis=axis), permutation_type="samples", n_resamples=float("inf")
    ).pvalue

    assert sign_flip_p([Fraction(each, 10) for each in tenths]) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(("passed", "total"), [(89, 164), (57, 164), (1, 7), (163, 164)])
def test_wilson_interval_is_scipys(passed: int, total: int) -> None:
    """The interval of a share is that of scipy.stats.binomtest, to twelve digits."""
    stats = pytest.importorskip("scipy.stats")

    found = stats.binomtest(passed, total).proportion_ci(0.95, method="wilson")

    assert wilson95(passed, total) == pytest.approx((found.low, found.high), rel=1e-12)


@pytest.mark.parametrize(("n", "c", "k"), [(200, 3, 100), (200, 199, 10), (17, 5, 9)])
def test_pass_at_k_is_scipys_hypergeometric_tail(n: int, c: int, k: int) -> None:
    """The chance to draw no passing sample is that of the hypergeometric distribution."""
    stats = pytest.importorskip("scipy.stats")

    assert pass_at_k(n, c, k) == pytest.approx(1 - stats.hypergeom.pmf(0, n, c, k), rel=1e-12)


@given(st.lists(st.integers(-4, 4), min_size=1, max_size=9))
def test_the_p_value_is_the_share_of_sign_choices_at_least_as_extreme(quarters: list[int]) -> None:
    """The big integer gives the same count as an enumeration of all signs."""
    moved = [each for each in quarters if each]
    sums = [
        sum(s * m for s, m in zip(signs, moved, strict=True)) for signs in product((1, -1), repeat=len(moved))
    ]
    observed = abs(sum(moved))

    expected = sum(abs(each) >= observed for each in sums) / len(sums)

    assert sign_flip_p([Fraction(each, 4) for each in quarters]) == pytest.approx(expected, rel=1e-12)


def test_a_test_of_many_samples_is_exact_and_quick() -> None:
    """164 problems of 200 samples each: all 2^164 choices of signs are counted, none is drawn."""
    steps = [number % 7 - 3 for number in range(163)] + [20]
    choices = Counter({0: 1})
    for step in steps:
        longer: Counter[int] = Counter()
        for total, count in choices.items():
            longer[total + step] += count
            longer[total - step] += count
        choices = longer
    extreme = sum(count for total, count in choices.items() if abs(total) >= abs(sum(steps)))

    expected = Fraction(extreme, 2 ** len(steps))

    assert 0.05 < expected < 0.95
    assert sign_flip_p([Fraction(step, 200) for step in steps]) == float(expected)


def test_unequal_numbers_of_samples_can_be_compared() -> None:
    """199 samples then, 200 now: rounded to a grid fine enough not to matter."""
    changes = [Fraction(number, 199) - Fraction(number, 200) for number in range(199)]

    assert sign_flip_p(changes) < 1e-6
    assert sign_flip_p([*changes, *(-change for change in changes)]) == 1.0


@settings(deadline=None)
@given(st.integers(0, 12), st.integers(0, 12), st.integers(0, 80), st.integers(1, 80))
def test_the_interval_and_the_test_never_contradict_each_other(
    gained: int, lost: int, both: int, neither: int
) -> None:
    """Where the test finds nothing the interval holds 0; it always holds the difference itself."""
    pairs = flips(gained, lost, both, neither)
    found = difference(pairs)
    low, high = found.interval

    assert -1 <= low <= (gained - lost) / len(pairs) + 1e-12
    assert (gained - lost) / len(pairs) - 1e-12 <= high <= 1
    assert found.p_value < 0.05 or low <= 0 <= high


@pytest.mark.parametrize(
    ("flipped", "interval"),
    [
        pytest.param(flips(12, 2, both=36, neither=0), (0.0569, 0.3404), id="no-correlation"),
        pytest.param(flips(12, 2, both=20, neither=16), (0.0562, 0.3292), id="corrected-for-continuity"),
        pytest.param(flips(2, 12, both=20, neither=16), (-0.3292, -0.0562), id="the-other-way-round"),
    ],
)
def test_the_interval_is_newcombe_s(
    flipped: list[tuple[Fraction, Fraction]], interval: tuple[float, float]
) -> None:
    """The examples of his paper, Statistics in Medicine 17, table II, method 10."""
    assert newcombe95(flipped) == pytest.approx(interval, abs=5e-5)


def test_a_correlation_below_the_continuity_correction_counts_as_none() -> None:
    """The interval is then that of two independent shares."""
    low, high = wilson95(3, 17)
    half = sqrt((3 / 17 - low) ** 2 + (high - 3 / 17) ** 2)

    assert newcombe95(flips(2, 2, both=1, neither=12)) == pytest.approx((-half, half), rel=1e-9)


def test_the_bootstrap_is_of_the_mean_over_all_problems() -> None:
    """Its ends are near those of the normal distribution, and the same each time."""
    values = [(number * 7 % 11 - 3) / 10 for number in range(55)]
    mean, error = sum(values) / len(values), stdev(values) / sqrt(len(values))

    low, high = bootstrap95(values)

    assert (low, high) == bootstrap95(values)
    assert (mean - low) / error == pytest.approx(1.96, rel=0.1)
    assert (high - mean) / error == pytest.approx(1.96, rel=0.1)


def test_the_intervals_coverage_is_about_95_percent() -> None:
    """Over every outcome of 40 problems, the interval holds the true difference in about 95 % of cases."""
    # The chances of a gain and of a loss; of the rest one half passes both times, the other half never.
    total, chances = 40, (0.15, 0.05)
    truth, held = chances[0] - chances[1], 0.0
    for gained, lost in product(range(total + 1), repeat=2):
        if (rest := total - gained - lost) < 0:
            continue
        both = rest // 2
        low, high = newcombe95(flips(gained, lost, both, rest - both))
        held += _multinomial(total, gained, lost, *chances) * (low <= truth <= high)

    assert 0.93 <= held <= 0.99


def _multinomial(total: int, gained: int, lost: int, p: float, q: float) -> float:
    from math import comb

    rest = total - gained - lost
    return comb(total, gained) * comb(total - gained, lost) * p**gained * q**lost * (1 - p - q) ** rest


@pytest.mark.parametrize(
    ("gained", "lost", "expected"),
    [
        pytest.param(0, 0, 6, id="six-one-way"),
        pytest.param(5, 0, 6, id="five-are-not-enough"),
        pytest.param(10, 10, 10, id="of-twenty-flips-fifteen"),
    ],
)
def test_the_smallest_significant_difference(gained: int, lost: int, expected: int) -> None:
    """With as many flips as there were: the least net change that is significant, and one less is not."""
    found = difference(flips(gained, lost))
    flipped = max(gained + lost, 6)

    assert found.detectable == expected / len(flips(gained, lost))
    assert mcnemar_p((flipped + expected) // 2, (flipped - expected) // 2) < 0.05
    assert mcnemar_p((flipped + expected) // 2 - 1, (flipped - expected) // 2 + 1) >= 0.05


def test_with_very_few_problems_no_difference_is_significant() -> None:
    """Five problems cannot show a difference, whatever happens."""
    assert difference(flips(5, 0, 0, 0)).detectable == 1.0


def test_several_samples_a_problem_are_compared_by_their_shares() -> None:
    """The test is the permutation test, the interval a bootstrap with a fixed seed."""
    pairs = [(Fraction(number % 5, 10), Fraction(number % 5 + 2, 10)) for number in range(40)]

    found = difference(pairs)

    assert found == difference(pairs)
    assert found.test == "sign-flip permutation"
    assert found.p_value == pytest.approx(2 / 2**40, rel=1e-12)
    assert found.interval == pytest.approx((0.2, 0.2))


def test_of_several_samples_the_smallest_significant_difference_is_a_normal_one() -> None:
    """1.96 standard errors of the mean difference."""
    pairs = [(Fraction(5, 10), Fraction(number % 5 + 3, 10)) for number in range(40)]

    expected = 1.96 * stdev(float(now - before) for before, now in pairs) / sqrt(40)

    assert difference(pairs).detectable == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize(
    ("share", "detectable"),
    [
        pytest.param(NIL, 6 / 164, id="one-sample-or-none-right"),
        pytest.param(Fraction(1, 2), 1.96 * sqrt(2 * 0.5 * 0.5 / 164), id="binomial-variance"),
    ],
)
def test_the_same_scores_are_no_difference(share: Fraction, detectable: float) -> None:
    """+0/-0: p = 1, 0 within an interval that is not a point, and what would have been significant."""
    found = difference([(share, share)] * 164)

    assert found.p_value == 1.0
    assert found.interval[0] < 0.0 < found.interval[1]
    assert isinstance(found, Difference)
    assert found.detectable == pytest.approx(detectable, rel=1e-3)
