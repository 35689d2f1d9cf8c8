"""The parametrized test and its fixtures: one item for each experiment and problem.

Registered as a plugin when an experiment is named. Without a path on the command line its items hang directly
under the session, so they have the same node ids in any folder. A test file of your own gets them too, with
``from pytest_humaneval.suite import test_problem``: a test explorer then shows them in that file.
"""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest

from pytest_humaneval.core.errors import ConfigError, HumanEvalError
from pytest_humaneval.core.records import Outcome, ProblemResult
from pytest_humaneval.core.results_json import to_json
from pytest_humaneval.core.settings import Settings
from pytest_humaneval.evaluation import Evaluation, Key
from pytest_humaneval.plan import Plan, make_plan
from pytest_humaneval.reports.failure_text import failure_text
from pytest_humaneval.reports.progress import ProgressLine
from pytest_humaneval.tally import Tally
from pytest_humaneval.xdist import FollowedEvaluation, announce_selection, run_folder, selection_of

NODE = "humaneval"
"""The suite's node id, and the argument that names it beside other paths."""

PLAN = pytest.StashKey[Plan]()
TALLY = pytest.StashKey[Tally]()
REPORTED = "humaneval_result"
"""The attribute of a test report that carries the item's result to the tally."""

_RESULT = pytest.StashKey[ProblemResult]()
_NAMED: pytest.StashKey[list[str]] = pytest.StashKey()


def activate(config: pytest.Config, settings: Settings) -> None:
    """Make the plan and set the suite up; a mistake in what the user wrote ends pytest with one line."""
    try:
        config.stash[PLAN] = plan = make_plan(settings)
    except ConfigError as error:
        raise pytest.UsageError(str(error)) from error
    config.stash[TALLY] = Tally(plan)
    _claim_arguments(config)
    config.pluginmanager.register(sys.modules[__name__], "humaneval-suite")


def _claim_arguments(config: pytest.Config) -> None:
    """Take what is the suite's from the paths on the command line: all, if there are none.

    ``humaneval`` among them, or a node id of the suite, asks for the suite beside the other paths.
    """
    if config.args_source is not pytest.Config.ArgsSource.ARGS:
        config.stash[_NAMED] = [NODE]
        config.args = []
        return
    named = [arg for arg in config.args if arg.split("::")[0] == NODE and not Path(arg).exists()]
    config.stash[_NAMED] = named
    config.args = [arg for arg in config.args if arg not in named]


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Hang the suite under the session, beside what the paths on the command line gave."""
    report = yield
    if isinstance(collector, pytest.Session) and collector.config.stash[_NAMED]:
        report.result.append(pytest.Module.from_parent(collector, path=Path(__file__), nodeid=NODE))
    return report


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Parametrize every test that takes ``humaneval_key`` by experiment and problem."""
    if "humaneval_key" in metafunc.fixturenames:
        plan = metafunc.config.stash[PLAN]
        keys = [(name, task_id) for name in plan.assignments for task_id in plan.problems]
        ids = [f"{name}-{task_id}-{plan.problems[task_id].entry_point}" for name, task_id in keys]
        metafunc.parametrize("humaneval_key", keys, ids=ids)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep just the named items of the suite, where node ids of it were given."""
    named = tuple(config.stash[_NAMED])
    if not named or NODE in named:
        return
    suite = [item for item in items if item.nodeid.startswith(f"{NODE}::")]
    others = [item for item in suite if not item.nodeid.startswith(named)]
    config.hook.pytest_deselected(items=others)
    items[:] = [item for item in items if item not in others]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    """Note which items are selected, when -k and the like have had their say."""
    selected = _selected(session)
    if folder := run_folder(session.config):
        announce_selection(folder, selected)
    else:
        session.config.stash[TALLY].select(selected)


@pytest.fixture(scope="session")
def humaneval_results(request: pytest.FixtureRequest) -> Iterator[Evaluation | FollowedEvaluation]:
    """The results of all selected items, generated in one batch and executed in the background."""
    plan = request.config.stash[PLAN]
    if folder := run_folder(request.config):
        followed = FollowedEvaluation(plan, folder)
        yield followed
        followed.close()
        return
    try:
        evaluation = Evaluation(plan, selection_of(_selected(request.session)))
    except HumanEvalError as error:
        pytest.exit(str(error), returncode=plan.exit_status_without_scores)
    request.config.stash[TALLY].progress = evaluation.progress
    yield evaluation
    evaluation.close()


@pytest.fixture
def humaneval_result(
    request: pytest.FixtureRequest, humaneval_results: Evaluation | FollowedEvaluation, humaneval_key: Key
) -> ProblemResult:
    """The result of one item; trouble that is not the model's is an error of its set-up."""
    name, task_id = humaneval_key
    result = _await(request.config, humaneval_results, humaneval_key)
    request.node.stash[_RESULT] = result
    request.node.user_properties += [
        ("humaneval_experiment", name),
        ("humaneval_task_id", task_id),
        ("humaneval_outcome", result.outcome.value),
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


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Send an item's result along with the report of its set-up: one way, with and without xdist."""
    report = yield
    if call.when == "setup" and (result := item.stash.get(_RESULT, None)):
        setattr(report, REPORTED, to_json(result))
    return report


def _await(config: pytest.Config, results: Evaluation | FollowedEvaluation, key: Key) -> ProblemResult:
    """Wait for a result; in the process that generates, show how far that is."""
    if isinstance(results, FollowedEvaluation):
        return results.result(*key)
    line = progress_line(config)
    while not results.is_there(*key, timeout_s=0.25):
        line.show(results.progress.text)
    line.clear()
    return results.result(*key)


def progress_line(config: pytest.Config) -> ProgressLine:
    """Return a progress line on pytest's terminal, if there is one that wants to hear of progress."""
    reporter: pytest.TerminalReporter | None = config.pluginmanager.getplugin("terminalreporter")
    capture = config.pluginmanager.getplugin("capturemanager")
    if reporter is None or config.get_verbosity() < 0:
        return ProgressLine(lambda _text: None, is_live=False)
    terminal, is_live = reporter, bool(reporter.isatty())

    def write(text: str) -> None:
        with capture.global_and_fixture_disabled() if capture else nullcontext():
            terminal.ensure_newline()
            if is_live:
                terminal.rewrite(text, erase=True)
            else:
                terminal.write_line(text)

    return ProgressLine(write, is_live=is_live)


def _selected(session: pytest.Session) -> dict[str, Key]:
    return {
        item.nodeid: item.callspec.params["humaneval_key"]
        for item in session.items
        if isinstance(item, pytest.Function) and "humaneval_result" in item.fixturenames
    }
