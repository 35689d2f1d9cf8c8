"""The figures, compared with scipy, statsmodels and their definitions.

Known values are of scipy 1.17.1 and statsmodels 0.15.0.
"""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_humaneval.core.scoring.metrics import (
    Counts,
    interval95,
    mcnemar_p,
    mean_pass_at_k,
    pass_at_k,
    wilson95,
)


@st.composite
def sample_counts(draw: st.DrawFn, most: int = 9) -> Counts:
    """Generate a problem's (n, c)."""
    n = draw(st.integers(1, most))
    return n, draw(st.integers(0, n))


@given(sample_counts(), st.data())
def test_pass_at_k_is_the_share_of_subsets_that_hold_a_pass(counts: Counts, data: st.DataObject) -> None:
    """The closed form and a count over every k-subset of the samples are the same number."""
    n, c = counts
    k = data.draw(st.integers(1, n))
    subsets = list(combinations([True] * c + [False] * (n - c), k))

    expected = sum(map(any, subsets)) / len(subsets)

    assert pass_at_k(n, c, k) == expected


@given(sample_counts(most=10_000))
def test_pass_at_1_is_the_share_of_passes_to_the_last_bit(counts: Counts) -> None:
    """Nothing is rounded before the one division: the figure is c / n."""
    n, c = counts

    assert pass_at_k(n, c, 1) == c / n


@pytest.mark.parametrize(("n", "c", "k"), [(3, 1, 4), (3, 1, 0), (0, 0, 1), (3, 4, 1), (3, -1, 1)])
def test_impossible_numbers_have_no_pass_at_k(n: int, c: int, k: int) -> None:
    """Too few samples, or more passes than samples, are refused rather than made into a figure."""
    with pytest.raises(ValueError, match=r"needs at least|is impossible"):
        pass_at_k(n, c, k)


@given(st.lists(sample_counts(), min_size=1, max_size=30))
def test_a_mean_pass_at_1_is_the_float_nearest_to_the_true_mean(counts: list[Counts]) -> None:
    """A threshold that the true mean reaches is reached by the figure too."""
    expected = float(sum((Fraction(c, n) for n, c in counts), Fraction()) / len(counts))

    assert mean_pass_at_k(counts, 1) == expected


def test_every_problem_weighs_the_same() -> None:
    """The mean is over problems, however many samples each has."""
    assert mean_pass_at_k([(1, 1), (4, 1)], 1) == (1 + 1 / 4) / 2


@given(st.lists(sample_counts(), min_size=1, max_size=30), st.data())
def test_the_interval_of_pass_at_k_is_that_of_the_problems_own_pass_at_k(
    counts: list[Counts], data: st.DataObject
) -> None:
    """It holds the figure; for k = n a problem is solved or not, and the interval is Wilson's of these."""
    fewest = min(n for n, _ in counts)
    k = data.draw(st.integers(1, fewest))
    low, high = interval95(counts, k)

    assert low <= mean_pass_at_k(counts, k) + 1e-12
    assert high >= mean_pass_at_k(counts, k) - 1e-12
    cut = [(fewest, min(fewest, c)) for _, c in counts]
    assert interval95(cut, fewest) == wilson95(sum(c > 0 for _, c in cut), len(cut))


def test_a_run_of_nothing_scores_nothing() -> None:
    """No problems: the score is 0, and every score is possible."""
    assert mean_pass_at_k([], 1) == 0.0
    assert interval95([]) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("passed", "total", "low", "high"),
    [
        # proportion_confint(passed, total, alpha=0.05, method="wilson")
        (89, 164, 0.46633286241134086, 0.61707918666383),
        (57, 164, 0.27892378087170333, 0.4231760438598293),
        (5, 10, 0.23659309051256394, 0.7634069094874361),
        (1, 20, 0.008881448800795402, 0.2361311934467421),
        (0, 164, 0.0, 0.022887425119427592),
        (164, 164, 0.9771125748805723, 1.0),
        (1, 1, 0.2065493143772374, 1.0),
    ],
)
def test_wilson_interval_is_the_one_of_statsmodels(passed: int, total: int, low: float, high: float) -> None:
    """Known intervals are met to twelve digits."""
    assert wilson95(passed, total) == pytest.approx((low, high), rel=1e-12, abs=1e-15)


@given(sample_counts(most=2_000))
def test_wilson_interval_holds_the_share_and_stays_a_share(counts: Counts) -> None:
    """0 <= low <= c / n <= high <= 1, exactly at the ends."""
    n, c = counts
    low, high = wilson95(c, n)

    assert 0.0 <= low <= c / n <= high <= 1.0


def test_one_sample_a_problem_has_wilsons_interval() -> None:
    """The interval of a run with n = 1 is the one for a share."""
    assert interval95([(1, 1)] * 89 + [(1, 0)] * 75) == wilson95(89, 164)


@pytest.mark.parametrize(("passed", "bound"), [(3, 0), (0, 1)])
def test_samples_that_all_agree_leave_an_interval(passed: int, bound: int) -> None:
    """20 problems with n = 3, all passed or all failed: 16 points wide, as with one sample each."""
    found = interval95([(3, passed)] * 20)

    assert found == wilson95(20 * passed // 3, 20)
    assert abs(found[bound] - passed / 3) == pytest.approx(0.161, abs=0.001)


@given(st.lists(sample_counts(), min_size=1, max_size=30), st.integers(1, 5))
def test_copies_of_the_samples_make_no_score_more_certain(counts: list[Counts], copies: int) -> None:
    """The same answers several times (greedy decoding) have the interval of the answers once."""
    assert interval95([(copies * n, copies * c) for n, c in counts]) == interval95(counts)


@given(st.lists(sample_counts(), min_size=1, max_size=30))
def test_an_interval_holds_the_score_and_is_never_narrower_than_few_problems_allow(
    counts: list[Counts],
) -> None:
    """It has the score within it, and at least the width of as many problems that all passed."""
    low, high = interval95(counts)
    narrowest = 1 - wilson95(len(counts), len(counts))[0]

    assert 0.0 <= low <= mean_pass_at_k(counts, 1) <= high <= 1.0
    assert high - low >= narrowest - 1e-12


@pytest.mark.parametrize(
    ("problems", "n", "solvable", "unsolvable"),
    [(20, 3, 0.97, 0.03), (20, 3, 9.7, 0.3), (20, 5, 0.9, 0.1), (164, 10, 0.5, 0.5)],
)
def test_the_interval_holds_the_true_score_of_19_in_20_runs(
    problems: int, n: int, solvable: float, unsolvable: float
) -> None:
    """Simulated runs of a model whose chance to solve a problem has a beta distribution."""
    draw = random.Random(1)  # noqa: S311 (statistics, not secrets)
    truth = solvable / (solvable + unsolvable)

    def run() -> list[Counts]:
        chances = [draw.betavariate(solvable, unsolvable) for _ in range(problems)]
        return [(n, sum(draw.random() < chance for _ in range(n))) for chance in chances]

    intervals = [interval95(run()) for _ in range(200)]

    assert sum(low <= truth <= high for low, high in intervals) >= 190


@pytest.mark.parametrize(
    ("gained", "lost", "p_value"),
    [
        # mcnemar([[50, gained], [lost, 50]], exact=True).pvalue
        (0, 0, 1.0),
        (1, 0, 1.0),
        (0, 5, 0.0625),
        (0, 6, 0.03125),
        (3, 12, 0.03515625),
        (10, 10, 1.0),
        (8, 21, 0.0241195447742939),
        (40, 17, 0.0032015437674503813),
    ],
)
def test_mcnemar_is_the_exact_test_of_statsmodels(gained: int, lost: int, p_value: float) -> None:
    """Known p-values are met, whichever way the flips went."""
    assert mcnemar_p(gained, lost) == pytest.approx(p_value, rel=1e-12)
    assert mcnemar_p(lost, gained) == mcnemar_p(gained, lost)


@given(st.integers(0, 200), st.integers(0, 200))
def test_a_p_value_is_a_probability(gained: int, lost: int) -> None:
    """It is above 0 and never above 1, even for equal tails counted twice."""
    assert 0.0 < mcnemar_p(gained, lost) <= 1.0
