"""Collection: which items there are, and which experiment and problem each stands for.

Hooks registered when an experiment is named. The suite is collected as if it were a test file in the root of
the project: its items have the same node ids in any folder, and the project's conftest.py applies to them.
"""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import cast

import pytest

from pytest_humaneval.core.config.settings import Settings
from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.core.scoring.exit_status import ExitStatus
from pytest_humaneval.evaluation.api_keys import check_api_keys
from pytest_humaneval.evaluation.plan import Key
from pytest_humaneval.evaluation.planning import check_baseline_is_whole, make_plan
from pytest_humaneval.evaluation.results import ResultCollector
from pytest_humaneval.session.state import (
    COLLECTOR,
    EXIT_STATUS,
    IS_ALONE,
    NAMED,
    NODE,
    PLAN,
    RESULT_FIXTURE,
    SELECTED,
    SUITE,
    selection_of,
)
from pytest_humaneval.session.workers.worker import announce_selection, run_folder

# Under the names that pytest keeps them by, which are not those of the flags.
_LISTINGS = (
    "help",
    "version",
    "markers",
    "showfixtures",
    "show_fixtures_per_test",
    "cacheshow",
    "setupplan",
    "collectonly",
    "humaneval_list",
)
_WHAT_TO_RUN = ("--humaneval-experiment", "--humaneval-samples")


def prepare(config: pytest.Config, settings: Settings) -> None:
    """Make the plan, and take what is the suite's from the command line.

    Raises:
        pytest.UsageError: something that the settings name cannot be used; one line says what and where.
    """
    try:
        config.stash[PLAN] = make_plan(settings)
        if not is_listing(config):
            check_api_keys(config.stash[PLAN])
    except ConfigError as error:
        raise pytest.UsageError(str(error)) from error
    config.stash[COLLECTOR] = ResultCollector(config.stash[PLAN])
    config.stash[EXIT_STATUS] = ExitStatus(has_gate=config.stash[PLAN].has_gate)
    _claim_arguments(config)


def is_listing(config: pytest.Config) -> bool:
    """Return whether pytest only shows something, so that nothing is judged and nobody expects it."""
    return any(getattr(config.option, name, False) for name in _LISTINGS)


def _claim_arguments(config: pytest.Config) -> None:
    """Note what names the suite, and leave in ``config.args`` what is to be collected beside it.

    Without a path on the command line, an experiment typed there asks for the suite alone; one of the ini
    file or of the environment adds the suite to the project's own tests. With paths, just they are collected;
    ``humaneval`` among them, or a node id of the suite, adds that.
    """
    # What was typed is in ``invocation_params`` alone: ``config.args`` holds addopts and PYTEST_ADDOPTS too.
    typed = {str(arg) for arg in config.invocation_params.args}
    is_path_typed = config.args_source is pytest.Config.ArgsSource.ARGS and not typed.isdisjoint(config.args)
    named = tuple(arg for arg in config.args if arg.split("::")[0] == NODE and not Path(arg).exists())
    is_alone = not is_path_typed and any(arg.partition("=")[0] in _WHAT_TO_RUN for arg in typed)
    config.args = [] if is_alone else [arg for arg in config.args if arg not in named]
    config.stash[NAMED] = named if is_path_typed else (NODE,)
    config.stash[IS_ALONE] = is_alone


class Suite(pytest.Module):
    """The suite in the place of a test file; its module is the plugin of that name."""

    def _getobj(self) -> object:
        return self.config.pluginmanager.get_plugin(SUITE)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Add the suite to what the paths on the command line gave."""
    report = yield
    if isinstance(collector, pytest.Session) and collector.config.stash[NAMED]:
        # The root's own path, since conftest.py files are looked up by the folder that holds a module.
        root = collector.config.rootpath
        report.result.append(Suite.from_parent(collector, path=root, name=NODE, nodeid=NODE))
    return report


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Parametrize every test that takes ``humaneval_key`` by experiment and problem."""
    if "humaneval_key" in metafunc.fixturenames:
        plan = metafunc.config.stash[PLAN]
        keys = [(name, task_id) for name in plan.experiments for task_id in plan.task_ids(name)]
        ids = [f"{name}-{task_id}-{plan.problems[task_id].entry_point}" for name, task_id in keys]
        metafunc.parametrize("humaneval_key", keys, ids=ids)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep just the named items of the suite, where node ids of it were given."""
    named = config.stash[NAMED]
    if not named or NODE in named:
        return
    suite = [item for item in items if item.nodeid.startswith(f"{NODE}::")]
    others = {item for item in suite if not item.nodeid.startswith(named)}
    config.hook.pytest_deselected(items=list(others))
    items[:] = [item for item in items if item not in others]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    """Note which items are selected, after -k and the like."""
    selected: dict[str, Key] = {
        item.nodeid: cast("Key", item.callspec.params["humaneval_key"])
        for item in session.items
        if isinstance(item, pytest.Function) and RESULT_FIXTURE in item.fixturenames
    }
    session.config.stash[SELECTED] = selected
    if folder := run_folder(session.config):
        announce_selection(folder, selected)
        return
    session.config.stash[COLLECTOR].select(selected)
    if not is_listing(session.config):
        try:
            check_baseline_is_whole(session.config.stash[PLAN], selection_of(selected))
        except ConfigError as error:
            raise pytest.UsageError(str(error)) from error
