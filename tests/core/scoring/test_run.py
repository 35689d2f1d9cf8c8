"""A run's figures."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pytest_humaneval.core.config.experiment import Experiment
from pytest_humaneval.core.records import Outcome
from pytest_humaneval.core.results import ProblemResult, Sample
from tests.support.records_made import REPAIR, plus_run, result, run_of


def test_outcomes_are_counted_by_sample_in_a_fixed_order() -> None:
    """Outcomes that did not occur are missing; passed comes first, infra_error last."""
    run = run_of(["?-", "++", "-+"])

    assert list(run.outcomes.items()) == [("passed", 3), ("wrong_answer", 2), ("infra_error", 1)]
    assert len(run.samples) == 6


def test_a_sample_without_a_verdict_stays_in_the_denominator() -> None:
    """A missing verdict never raises a score; the possible scores are given as bounds."""
    run = run_of("+-?+")

    assert run.pass_at == {1: 0.5}
    assert run.bounds == (0.5, 0.75)
    assert run.undecided == 1


def test_bounds_count_each_sample_without_a_verdict() -> None:
    """With several samples a problem, each may have been right."""
    assert run_of(["+?", "--"]).bounds == (0.25, 0.5)


def test_a_problem_passes_if_any_sample_does() -> None:
    """An item's outcome is the best of its samples; trouble comes before a wrong answer."""
    run = run_of(["-+", "-?", "--", "?+"])

    assert [each.outcome.value for each in run.results] == ["passed", "infra_error", "wrong_answer", "passed"]
    assert run.passed == 2


def test_a_problem_without_samples_has_no_verdict() -> None:
    """Nothing was judged, so there is no verdict on the model."""
    assert ProblemResult("Test/0", "f").outcome is Outcome.INFRA_ERROR


@pytest.mark.parametrize(
    ("samples", "expected"),
    [
        pytest.param([1, 1], [1], id="one"),
        pytest.param([5, 5], [1, 5], id="n"),
        pytest.param([5, 3], [1, 3], id="the-fewest-that-a-problem-has"),
        pytest.param([12, 12], [1, 10, 12], id="ten"),
        pytest.param([100], [1, 10, 100], id="hundred"),
        pytest.param([], [1], id="no-problems"),
    ],
)
def test_pass_at_k_has_the_usual_k_for_which_samples_suffice(samples: list[int], expected: list[int]) -> None:
    """1, 10 and 100 and the number of samples, as far as they go."""
    assert list(run_of("-" * n for n in samples).pass_at) == expected


def test_pass_at_k_is_the_mean_over_problems() -> None:
    """Of two samples, one right: 1/2 at k = 1, 1 at k = 2."""
    assert run_of(["+-", "--"]).pass_at == {1: 0.25, 2: 0.5}


def test_a_pass_that_needed_a_repair_is_counted_separately() -> None:
    """The model's own pass@1 excludes it; a repair that was needless or failed changes nothing."""
    run = run_of(["r", result(1, "+", (REPAIR,)), result(2, "-", (REPAIR,)), "+"])

    assert run.repaired == ["Test/0"]
    assert run.pass_at[1] == 0.75
    assert run.pass_at_1_format_only == 0.5


def test_problems_that_were_not_reached_are_undecided() -> None:
    """A stopped run counts the problems that it did not reach."""
    run = run_of("+?", selected=5)

    assert (run.unreached, run.undecided) == (3, 4)


def test_the_interval_is_wilsons_for_one_sample_per_problem() -> None:
    """Half of two problems: Wilson's interval, as statsmodels has it."""
    # proportion_confint(1, 2, alpha=0.05, method="wilson")
    assert run_of("+-").interval == pytest.approx((0.09453120573423068, 0.9054687942657693), rel=1e-12)


def test_base_scores_are_by_the_base_tests_alone() -> None:
    """What fails a plus test alone counts there, and in no other score; a lost sample counts in neither."""
    run = plus_run(["+", "b", "-", "?"])

    assert (run.pass_at[1], run.pass_at_1_base) == (0.25, 0.5)
    assert (run.passed, run.base_passed) == (1, 2)
    assert run.base_interval == run_of("++--").interval
    assert plus_run(["bb-", "---"]).pass_at_base == {1: pytest.approx(1 / 3), 3: 0.5}


def test_a_sample_without_a_verdict_has_none_by_the_base_tests() -> None:
    """Even where it was lost among the plus tests: it is lost in both scores."""
    lost = Sample(0, Outcome.INFRA_ERROR, base_outcome=Outcome.PASSED)
    run = plus_run([ProblemResult("Test/0", "f", (lost, replace(lost, outcome=Outcome.WRONG_ANSWER)))])

    assert run.pass_at_1_base == 0.5


def test_without_plus_tests_or_verdicts_there_is_no_base_score() -> None:
    """A second figure that says the same, or nothing, is not shown."""
    for run in (run_of("+-"), plus_run("??")):
        assert (run.pass_at_1_base, run.base_interval, run.pass_at_base) == (None, None, {})


@pytest.mark.parametrize(
    ("published", "on_humaneval", "on_plus"),
    [
        pytest.param(None, None, None, id="none"),
        pytest.param(0.5, 0.5, 0.5, id="a-number-is-of-its-own-dataset"),
        pytest.param({"humaneval": 0.6, "mbpp": 0.4}, 0.6, None, id="a-table-is-by-dataset"),
        pytest.param({"humaneval+": 0.3}, None, 0.3, id="a-table-without-humaneval"),
    ],
)
def test_a_published_score_belongs_to_a_dataset(
    published: float | dict[str, float] | None, on_humaneval: float | None, on_plus: float | None
) -> None:
    """HumanEval's figure never stands beside HumanEval+'s."""
    runs = [
        replace(run, experiment=Experiment("one", published=published))
        for run in (run_of("+"), plus_run("+"))
    ]

    assert [run.published for run in runs] == [on_humaneval, on_plus]
