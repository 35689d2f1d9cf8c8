"""The parametrized test and its fixtures: one item for each experiment and problem.

A test file of your own gets the items too, with ``from pytest_humaneval.suite import test_problem``: a test
explorer then shows them in that file. The fixtures are there for every test once an experiment is named.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Protocol

import pytest

from pytest_humaneval.core.datasets.dataset import HUMANEVAL, Dataset
from pytest_humaneval.core.errors import HumanEvalError
from pytest_humaneval.core.records import Outcome
from pytest_humaneval.core.results import ProblemResult
from pytest_humaneval.evaluation.evaluation import Evaluation
from pytest_humaneval.evaluation.plan import Key
from pytest_humaneval.evaluation.results import Results
from pytest_humaneval.session.ending import end_run
from pytest_humaneval.session.failures import debug, fail
from pytest_humaneval.session.plugins import on_request
from pytest_humaneval.session.progress_line import show_progress
from pytest_humaneval.session.state import COLLECTOR, PLAN, RESULT, SELECTED, selection_of, take_sandbox
from pytest_humaneval.session.workers.worker import WorkerEvaluation, run_folder, warn


class TimeoutSettings(Protocol):
    """What pytest-timeout knows of one test's time limit: whether it is for the function alone."""

    func_only: bool


@pytest.hookimpl(optionalhook=True, tryfirst=True)
def pytest_timeout_set_timer(item: pytest.Item, settings: TimeoutSettings) -> bool | None:
    """Set no timer of pytest-timeout while a test waits for the model, since all others wait with it.

    One for the test function alone (``timeout_func_only``) is set as usual.
    """
    waits = "humaneval_results" in getattr(item, "fixturenames", ())
    return True if waits and not settings.func_only else None


@pytest.fixture(scope="session")
def humaneval_results(request: pytest.FixtureRequest) -> Iterator[Results]:
    """The results of all selected items, generated in one batch and executed in the background."""
    with closing(_start(request.config)) as results:
        yield results
        if warning := results.missing_layers():
            warn(request.config, warning)


def _start(config: pytest.Config) -> Results:
    """Begin to work the results out: all of it here, or in a worker what the controller does not do."""
    plan = config.stash[PLAN]
    try:
        if folder := run_folder(config):
            return WorkerEvaluation(plan, folder)
        selection = selection_of(config.stash[SELECTED])
        collector = config.stash[COLLECTOR]
        progress = collector.progress
        listen = on_request(config, progress.warn)
        sandbox = take_sandbox(config)
        results = Evaluation(plan, selection, progress, lambda: show_progress(config), listen, sandbox)
        collector.early = results.settled
    except HumanEvalError as error:
        end_run(str(error), plan.exit_status_without_scores)
    return results


@pytest.fixture
def humaneval_result(
    request: pytest.FixtureRequest, humaneval_results: Results, humaneval_key: Key
) -> ProblemResult:
    """The result of one item; trouble that is not the model's is an error of its set-up."""
    name, task_id = humaneval_key
    result = humaneval_results.result(name, task_id, lambda: show_progress(request.config))
    request.node.stash[RESULT] = result
    request.node.user_properties += _properties(request.config.stash[PLAN].datasets[name], name, result)
    if result.outcome is Outcome.INFRA_ERROR:
        fail(request.config, name, result)
    return result


def _properties(dataset: Dataset, experiment: str, result: ProblemResult) -> Iterator[tuple[str, object]]:
    """Yield what JUnit's XML and other reports of pytest say of an item."""
    yield "humaneval_experiment", experiment
    if dataset.name != HUMANEVAL:
        yield "humaneval_dataset", dataset.name
    yield "humaneval_task_id", result.task_id
    yield "humaneval_outcome", result.outcome.value
    if dataset.has_base_tests:
        yield "humaneval_base_outcome", result.base_outcome.value
    yield "humaneval_pass@1", result.pass_at_1


@pytest.mark.humaneval
def test_problem(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    humaneval_result: ProblemResult,
    humaneval_key: Key,
) -> None:
    """The model solves the problem: one of its samples passes."""
    __tracebackhide__ = True
    if humaneval_result.outcome is Outcome.PASSED:
        return
    debug(request.config, tmp_path_factory, humaneval_key[0], humaneval_result)
    fail(request.config, humaneval_key[0], humaneval_result)
