"""The parametrized test and its fixtures: one item for each experiment and problem.

A test file of your own gets the items too, with ``from pytest_humaneval.suite import test_problem``: a test
explorer then shows them in that file. The fixtures are there for every test once an experiment is named.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from pytest_humaneval.core.errors import HumanEvalError
from pytest_humaneval.core.records import Outcome, ProblemResult
from pytest_humaneval.evaluation.evaluation import Evaluation, Key
from pytest_humaneval.reports.failure_card import FailureCard, failure_card
from pytest_humaneval.reports.failure_text import failure_text
from pytest_humaneval.reports.progress import ProgressLine
from pytest_humaneval.session.debugging import run_program, write_program
from pytest_humaneval.session.progress_line import progress_line, show
from pytest_humaneval.session.state import COLLECTOR, LINE, PLAN, RESULT, SELECTED, selection_of
from pytest_humaneval.session.workers.worker import WorkerEvaluation, run_folder, warn


@pytest.fixture(scope="session")
def humaneval_results(request: pytest.FixtureRequest) -> Iterator[Evaluation | WorkerEvaluation]:
    """The results of all selected items, generated in one batch and executed in the background."""
    with closing(_start(request.config)) as results:
        yield results
        if warning := results.missing_layers():
            warn(request.config, warning)


def _start(config: pytest.Config) -> Evaluation | WorkerEvaluation:
    """Begin to work the results out: all of it here, or in a worker what the controller does not do."""
    plan = config.stash[PLAN]
    try:
        if folder := run_folder(config):
            return WorkerEvaluation(plan, folder)
        progress, line = config.stash[COLLECTOR].progress, _line(config)
        selection = selection_of(config.stash[SELECTED])
        return Evaluation(plan, selection, progress, lambda: line.show(lambda _elapsed_s: progress.text()))
    except HumanEvalError as error:
        pytest.exit(str(error), returncode=plan.exit_status_without_scores)


@pytest.fixture
def humaneval_result(
    request: pytest.FixtureRequest, humaneval_results: Evaluation | WorkerEvaluation, humaneval_key: Key
) -> ProblemResult:
    """The result of one item; trouble that is not the model's is an error of its set-up."""
    name, task_id = humaneval_key
    result = _await(request.config, humaneval_results, humaneval_key)
    request.node.stash[RESULT] = result
    request.node.user_properties += [
        ("humaneval_experiment", name),
        ("humaneval_task_id", task_id),
        ("humaneval_outcome", result.outcome.value),
        ("humaneval_pass@1", result.pass_at_1),
    ]
    if result.outcome is Outcome.INFRA_ERROR:
        pytest.fail(failure_text(_card(request.config, name, result)), pytrace=False)
    return result


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
    card = _card(request.config, humaneval_key[0], humaneval_result)
    if request.config.stash[PLAN].settings.debug and card.sample.solution is not None:
        show(request.config, failure_text(card))
        folder = tmp_path_factory.mktemp("debug")
        run_program(write_program(card.problem, card.sample.solution, folder))
    pytest.fail(failure_text(card), pytrace=False)


def _card(config: pytest.Config, experiment: str, result: ProblemResult) -> FailureCard:
    plan = config.stash[PLAN]
    return failure_card(result, plan.problems[result.task_id], experiment, plan.settings)


def _await(config: pytest.Config, results: Evaluation | WorkerEvaluation, key: Key) -> ProblemResult:
    """Wait for a result; in the process that generates, show how far that is."""
    if isinstance(results, WorkerEvaluation):
        return results.result(*key)
    line = _line(config)
    while not results.is_there(*key, timeout_s=0.25):
        line.show(lambda _elapsed_s: results.progress.text())
    line.clear()
    return results.result(*key)


def _line(config: pytest.Config) -> ProgressLine:
    if LINE not in config.stash:
        config.stash[LINE] = progress_line(config)
    return config.stash[LINE]
