"""The tally: results as items report them, and the runs they add up to."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_humaneval.core.config.experiment import Experiment
from pytest_humaneval.core.config.settings import Settings
from pytest_humaneval.core.dataset import Dataset
from pytest_humaneval.core.records import Outcome, ProblemResult, Sample
from pytest_humaneval.evaluation.planning import Plan
from pytest_humaneval.evaluation.resolution import Assignment
from pytest_humaneval.evaluation.results import Tally
from tests.support.records_made import problem, result

PROBLEMS = {f"Test/{number}": problem(number) for number in range(3)}
SELECTED = {f"{name}[{task_id}]": (name, task_id) for name in ("b", "a") for task_id in PROBLEMS}


@pytest.fixture
def tally() -> Tally:
    """A tally of two experiments of three problems; in the second, two samples each."""
    assignments = {name: Assignment(Experiment(name, n=n), None, ()) for name, n in (("a", 1), ("b", 2))}
    dataset = Dataset(Path("none"), "0" * 64, tuple(PROBLEMS.values()))
    tally = Tally(Plan(Settings(Path()), dataset, PROBLEMS, assignments, not_sampled=4))
    tally.select(SELECTED)
    return tally


def test_results_add_up_to_runs_in_the_order_asked_for(tally: Tally) -> None:
    """Experiments as asked for, problems as in the dataset, in whatever order items end."""
    for number in (2, 0, 1):
        tally.add(f"b[Test/{number}]", result(number, "+-"))
        tally.add(f"a[Test/{number}]", result(number, "+"))

    runs = tally.runs()

    assert [run.experiment.name for run in runs] == ["a", "b"]
    assert [[each.task_id for each in run.results] for run in runs] == [list(PROBLEMS)] * 2
    assert [run.pass_at[1] for run in runs] == [1.0, 0.5]


def test_what_was_not_reached_is_known(tally: Tally) -> None:
    """A run says how many problems were selected, and how many a samples file lacks."""
    tally.add("a[Test/1]", result(1, "+"))

    run = tally.runs()[0]

    assert (run.selected, len(run.results), run.unreached, run.not_sampled) == (3, 1, 2, 4)


def test_an_experiment_without_a_selected_problem_is_no_run(tally: Tally) -> None:
    """What -k left out altogether is not told as a run of nothing."""
    tally.select({"a[Test/0]": ("a", "Test/0")})

    assert [(run.experiment.name, run.selected) for run in tally.runs()] == [("a", 1)]


def test_a_lost_item_has_samples_without_a_verdict(tally: Tally) -> None:
    """As many as it should have had, each with the reason; never a wrong answer."""
    tally.lose("b[Test/1]", "the worker crashed")

    expected = ProblemResult(
        "Test/1",
        "f",
        tuple(Sample(index, Outcome.INFRA_ERROR, message="the worker crashed") for index in range(2)),
    )

    assert tally.runs()[1].results == (expected,)


def test_a_result_that_comes_again_takes_the_place_of_the_first(tally: Tally) -> None:
    """A rerun item counts once."""
    tally.lose("a[Test/0]", "crashed")
    tally.add("a[Test/0]", result(0, "+"))

    assert tally.runs()[0].outcomes == {"passed": 1}


def test_it_knows_the_items_that_are_its_own(tally: Tally) -> None:
    """A project's other tests are none of its business."""
    assert tally.knows("a[Test/0]")
    assert not tally.knows("tests/test_other.py::test_it")


def test_times_are_told(tally: Tally) -> None:
    """Generation from start to last completion, execution added up, wall from start to last verdict."""
    tally.progress.started_s["b"], tally.progress.generated_s["b"] = 0.0, 5.0
    samples = (Sample(0, Outcome.PASSED, seconds=1.0), Sample(1, Outcome.PASSED, seconds=2.0))
    tally.add("b[Test/0]", ProblemResult("Test/0", "f", samples))

    unstarted, run = tally.runs()

    assert (run.seconds.generation, run.seconds.execution) == (5.0, 3.0)
    assert run.seconds.wall >= run.seconds.generation
    assert (unstarted.seconds.generation, unstarted.seconds.wall) == (0.0, 0.0)


def test_each_run_has_its_manifest(tally: Tally) -> None:
    """It belongs to a dataset and an experiment."""
    manifests = [run.manifest for run in tally.runs()]

    assert [manifest["n"] for manifest in manifests] == [1, 2]
    assert {manifest["dataset_sha256"] for manifest in manifests} == {"0" * 64}
