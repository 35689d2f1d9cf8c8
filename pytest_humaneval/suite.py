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
from pytest_humaneval.evaluation import Evaluation, Key
from pytest_humaneval.items import PLAN, RESULT, SELECTED, TALLY, warn
from pytest_humaneval.live import progress_line
from pytest_humaneval.reports.failure_text import failure_text
from pytest_humaneval.xdist import FollowedEvaluation, run_folder, selection_of


@pytest.fixture(scope="session")
def humaneval_results(request: pytest.FixtureRequest) -> Iterator[Evaluation | FollowedEvaluation]:
    """The results of all selected items, generated in one batch and executed in the background."""
    with closing(_start(request.config)) as results:
        yield results
        if warning := results.missing_layers():
            warn(request.config, warning)


def _start(config: pytest.Config) -> Evaluation | FollowedEvaluation:
    """Begin to work the results out: all of it here, or in a worker what the controller does not do."""
    plan = config.stash[PLAN]
    try:
        if folder := run_folder(config):
            return FollowedEvaluation(plan, folder)
        return Evaluation(plan, selection_of(config.stash[SELECTED]), config.stash[TALLY].progress)
    except HumanEvalError as error:
        pytest.exit(str(error), returncode=plan.exit_status_without_scores)


@pytest.fixture
def humaneval_result(
    request: pytest.FixtureRequest, humaneval_results: Evaluation | FollowedEvaluation, humaneval_key: Key
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
        pytest.fail(failure_text(result, name, request.config.stash[PLAN].settings), pytrace=False)
    return result


@pytest.mark.humaneval
def test_problem(request: pytest.FixtureRequest, humaneval_result: ProblemResult, humaneval_key: Key) -> None:
    """The model solves the problem: one of its samples passes."""
    if humaneval_result.outcome is not Outcome.PASSED:
        settings = request.config.stash[PLAN].settings
        pytest.fail(failure_text(humaneval_result, humaneval_key[0], settings), pytrace=False)


def _await(config: pytest.Config, results: Evaluation | FollowedEvaluation, key: Key) -> ProblemResult:
    """Wait for a result; in the process that generates, show how far that is."""
    if isinstance(results, FollowedEvaluation):
        return results.result(*key)
    line = progress_line(config)
    while not results.is_there(*key, timeout_s=0.25):
        line.show(results.progress.text)
    line.clear()
    return results.result(*key)
