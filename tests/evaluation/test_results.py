"""Collected results: as items report them, and the runs they add up to."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pytest_humaneval.core.config.experiment import Experiment
from pytest_humaneval.core.config.settings import Settings
from pytest_humaneval.core.datasets import Dataset
from pytest_humaneval.core.records import Outcome
from pytest_humaneval.core.results import ProblemResult, Sample
from pytest_humaneval.core.results_json import spool_samples
from pytest_humaneval.core.spool import Spooled
from pytest_humaneval.evaluation.plan import Plan
from pytest_humaneval.evaluation.resolved_experiment import ResolvedExperiment
from pytest_humaneval.evaluation.results import ResultCollector
from tests.support.records_made import problem, result

PROBLEMS = {f"Test/{number}": problem(number) for number in range(3)}
SELECTED = {f"{name}[{task_id}]": (name, task_id) for name in ("b", "a") for task_id in PROBLEMS}


@pytest.fixture
def collector() -> ResultCollector:
    """A collector of two experiments of three problems; in the second, two samples each."""
    experiments = {
        name: ResolvedExperiment(Experiment(name, n=n), None, ()) for name, n in (("a", 1), ("b", 2))
    }
    dataset = Dataset(Path("none"), "0" * 64, tuple(PROBLEMS.values()))
    datasets, problems = dict.fromkeys(experiments, dataset), dict.fromkeys(experiments, PROBLEMS)
    not_sampled = dict.fromkeys(experiments, 4)
    collector = ResultCollector(Plan(Settings(Path()), datasets, problems, experiments, None, not_sampled))
    collector.select(SELECTED)
    return collector


def test_results_add_up_to_runs_in_the_order_asked_for(collector: ResultCollector) -> None:
    """Experiments as asked for, problems as in the dataset, in whatever order items end."""
    for number in (2, 0, 1):
        collector.add(f"b[Test/{number}]", result(number, "+-"))
        collector.add(f"a[Test/{number}]", result(number, "+"))

    runs = collector.runs()

    assert [run.experiment.name for run in runs] == ["a", "b"]
    assert [[each.task_id for each in run.results] for run in runs] == [list(PROBLEMS)] * 2
    assert [run.pass_at[1] for run in runs] == [1.0, 0.5]


def test_what_this_process_has_kept_already_is_not_kept_again(collector: ResultCollector) -> None:
    """A sample is written to disk once on its way; what comes from another process is written here."""
    own = replace(result(0, "+"), samples=spool_samples().keep(result(0, "+").samples))
    collector.add("a[Test/0]", own)
    collector.add("a[Test/1]", result(1, "-"))

    first, second = collector.runs()[0].results

    assert first.samples is own.samples
    assert isinstance(second.samples, Spooled)
    assert list(second.samples) == list(result(1, "-").samples)


def test_what_was_not_reached_is_known(collector: ResultCollector) -> None:
    """A run says how many problems were selected, and how many a samples file lacks."""
    collector.add("a[Test/1]", result(1, "+"))

    run = collector.runs()[0]

    assert (run.selected, len(run.results), run.unreached, run.not_sampled) == (3, 1, 2, 4)


def test_an_experiment_without_a_selected_problem_is_no_run(collector: ResultCollector) -> None:
    """What -k left out altogether is not reported as a run of nothing."""
    collector.select({"a[Test/0]": ("a", "Test/0")})

    assert [(run.experiment.name, run.selected) for run in collector.runs()] == [("a", 1)]


def test_a_lost_item_has_samples_without_a_verdict(collector: ResultCollector) -> None:
    """As many as it should have had, each with the reason; never a wrong answer."""
    collector.lose("b[Test/1]", "the worker crashed")

    expected = ProblemResult(
        "Test/1",
        "f",
        tuple(Sample(index, Outcome.INFRA_ERROR, message="the worker crashed") for index in range(2)),
    )

    assert collector.runs()[1].results == (expected,)


def test_a_result_that_comes_again_takes_the_place_of_the_first(collector: ResultCollector) -> None:
    """A rerun item counts once."""
    collector.lose("a[Test/0]", "crashed")
    collector.add("a[Test/0]", result(0, "+"))

    assert collector.runs()[0].outcomes == {"passed": 1}


def test_it_knows_the_items_that_are_its_own(collector: ResultCollector) -> None:
    """A project's other tests are none of its business."""
    assert collector.knows("a[Test/0]")
    assert not collector.knows("tests/test_other.py::test_it")


def test_times_are_told(collector: ResultCollector) -> None:
    """Generation from start to last completion, execution added up, wall from start to last verdict."""
    collector.progress.started_s["b"], collector.progress.generated_s["b"] = 0.0, 5.0
    samples = (Sample(0, Outcome.PASSED, seconds=1.0), Sample(1, Outcome.PASSED, seconds=2.0))
    collector.add("b[Test/0]", ProblemResult("Test/0", "f", samples))

    unstarted, run = collector.runs()

    assert (run.seconds.generation, run.seconds.execution) == (5.0, 3.0)
    assert run.seconds.wall >= run.seconds.generation
    assert (unstarted.seconds.generation, unstarted.seconds.wall) == (0.0, 0.0)


def test_each_run_has_its_manifest(collector: ResultCollector) -> None:
    """It belongs to a dataset and an experiment."""
    manifests = [run.manifest for run in collector.runs()]

    assert [manifest["n"] for manifest in manifests] == [1, 2]
    assert {manifest["dataset_sha256"] for manifest in manifests} == {"0" * 64}


def test_an_item_that_is_run_again_counts_once(collector: ResultCollector) -> None:
    """pytest-rerunfailures reports a failing item several times; the progress line does not."""
    for _ in range(3):
        collector.add("a[Test/0]", result(0, "-"))

    assert collector.progress.verdicts.judged == 1
