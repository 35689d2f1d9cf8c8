"""The gate: thresholds, baselines, and what may not be decided."""

from __future__ import annotations

from fractions import Fraction

import pytest

from pytest_humaneval.core.scoring.baseline import Baseline, baseline_of
from pytest_humaneval.core.scoring.gate import Comparison, Decision, check_threshold, compare, sum_up
from tests.support.records_made import plus_run, run_of

HOLDS, FAILS, UNDECIDED = Decision.HOLDS, Decision.FAILS, Decision.UNDECIDED


def scores(letters: str) -> Baseline:
    """Return a baseline with one letter per problem, as in ``run_of``."""
    score = {"+": Fraction(1), "-": Fraction(0), "?": None}
    return Baseline({f"Test/{number}": score[letter] for number, letter in enumerate(letters)})


@pytest.mark.parametrize(("decision", "status"), [(HOLDS, 0), (FAILS, 1), (UNDECIDED, 6)])
def test_each_decision_has_its_exit_status(decision: Decision, status: int) -> None:
    """CI reads the decision from the exit status, and a person the word."""
    assert decision.exit_status == status
    assert str(decision) == decision.value


@pytest.mark.parametrize(
    ("results", "fail_under", "expected"),
    [
        pytest.param("++--", 0.5, HOLDS, id="reached-exactly"),
        pytest.param("+---", 0.5, FAILS, id="missed"),
        pytest.param(["+-", "--"], 0.25, HOLDS, id="pass@1-of-several-samples"),
        pytest.param(["+-", "--"], 0.26, FAILS, id="not-the-share-of-solved-problems"),
        pytest.param("+++?", 0.5, UNDECIDED, id="no-verdict"),
        pytest.param("---?", 0.5, UNDECIDED, id="no-verdict-is-never-a-failure"),
    ],
)
def test_a_threshold_judges_pass_at_1(results: list[str], fail_under: float, expected: Decision) -> None:
    """pass@1 must be at least the threshold; a sample without a verdict leaves it undecided."""
    assert check_threshold(run_of(results), fail_under) is expected


def test_a_run_that_was_stopped_is_undecided() -> None:
    """Problems that were not reached could have gone either way."""
    assert check_threshold(run_of("++", selected=3), 0.5) is UNDECIDED


@pytest.mark.parametrize(("thirds", "fail_under"), [([7] * 3, 1.0), (["+--", "++-"] * 15, 0.5)])
def test_a_threshold_is_not_missed_by_rounding(thirds: list[object], fail_under: float) -> None:
    """The sum of thirds is exact."""
    results = ["+++" if isinstance(third, int) else str(third) for third in thirds]

    assert check_threshold(run_of(results), fail_under) is HOLDS


def test_a_comparison_has_every_flip() -> None:
    """Means, difference and flips are over the problems that both judged."""
    comparison = compare(run_of("-+--"), scores("+-+-"))

    expected = Comparison(
        baseline=2 / 4,
        delta=-1 / 4,
        gained=("Test/1",),
        lost=("Test/0", "Test/2"),
        p_value=1.0,
        ci95=comparison.ci95,
        detectable=1.0,
        test="McNemar",
        unmatched=0,
        compared=4,
        problems=4,
        decision=HOLDS,
    )

    assert comparison == expected
    # Newcombe's formula, written down independently.
    assert comparison.ci95 == pytest.approx((-0.7468505803871266, 0.4613235336281478), rel=1e-12)


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [
        pytest.param("-----", "+++++", HOLDS, id="five-lost-could-be-chance"),
        pytest.param("------", "++++++", FAILS, id="six-lost-could-not"),
        pytest.param("++++++-", "-------", HOLDS, id="a-significant-gain-is-no-failure"),
        pytest.param("------+?", "++++++++", UNDECIDED, id="no-verdict-now"),
    ],
)
def test_only_a_significant_loss_fails(now: str, before: str, expected: Decision) -> None:
    """McNemar's exact test at 5 %: p = 2 * 0.5^5 = 0.0625 for five flips one way, 0.03125 for six."""
    assert compare(run_of(now), scores(before)).decision is expected


def test_several_samples_flip_by_their_score() -> None:
    """With n > 1 a problem is gained or lost when its pass@1 moves; 1/2 and 2/4 are the same."""
    before = Baseline(dict.fromkeys(("Test/0", "Test/1", "Test/2"), Fraction(1, 2)))

    comparison = compare(run_of(["++--", "+++-", "+---"]), before)

    assert (comparison.gained, comparison.lost) == (("Test/1",), ("Test/2",))


def test_what_only_one_of_the_two_judged_is_counted_and_not_compared() -> None:
    """A problem that is new, gone, or without a verdict in the baseline stays out of every figure."""
    run = run_of("++++")
    before = Baseline({"Test/0": Fraction(1), "Test/1": Fraction(0), "Test/2": None, "Test/9": Fraction(1)})

    comparison = compare(run, before)

    assert (comparison.unmatched, comparison.compared, comparison.problems) == (3, 2, 5)
    assert comparison.gained == ("Test/1",)
    assert (comparison.baseline, comparison.delta) == (0.5, 0.5)


def test_nothing_in_common_is_undecided() -> None:
    """A comparison of nothing with nothing does not let a run through."""
    comparison = compare(run_of("+"), Baseline({"Test/9": Fraction(1)}))

    assert comparison.decision is UNDECIDED
    assert (comparison.baseline, comparison.delta, comparison.p_value) == (0.0, 0.0, 1.0)


@pytest.mark.parametrize(
    ("decisions", "expected"),
    [
        ([], UNDECIDED),
        ([HOLDS, HOLDS], HOLDS),
        ([HOLDS, UNDECIDED], UNDECIDED),
        ([UNDECIDED, FAILS, HOLDS], FAILS),
    ],
)
def test_one_failure_fails_the_gate_and_one_doubt_leaves_it_open(
    decisions: list[Decision], expected: Decision
) -> None:
    """A failure is certain whatever the others say; without any decision there is none."""
    assert sum_up(decisions) is expected


def test_base_scores_are_compared_on_what_both_judged() -> None:
    """Beside the comparison of pass@1, which alone decides; without two scores there is none."""
    before = baseline_of(plus_run("bb-?").results, {}, "b.json")

    comparison = compare(plus_run("-+-+"), before)

    assert comparison.base == pytest.approx((2 / 3, 1 / 3))
    assert (comparison.baseline, comparison.delta) == pytest.approx((0, 1 / 3))
    assert compare(run_of("+-"), before).base is None


def test_a_threshold_is_for_all_tests() -> None:
    """The base tests alone never open the gate."""
    assert check_threshold(plus_run("bb"), 0.5) is FAILS
