"""Collection: which items there are, and which experiment and problem each stands for.

Hooks registered when an experiment is named. The suite is collected as if it were a test file in the root of
the project: its items have the same node ids in any folder, and the project's conftest.py applies to them.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from typing import cast

import pytest

from pytest_humaneval.core.config.settings import Settings
from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.core.scoring.exit_status import ExitStatus
from pytest_humaneval.evaluation.api_keys import check_api_keys
from pytest_humaneval.evaluation.plan import Key
from pytest_humaneval.evaluation.planning import check_baseline_is_whole, make_plan
from pytest_humaneval.evaluation.results import ResultCollector
from pytest_humaneval.session.arguments import (
    NODE,
    may_leave_problems_out,
    names_what_to_run,
    suite_arguments,
    typed_arguments,
)
from pytest_humaneval.session.plugins import registry_of
from pytest_humaneval.session.state import (
    COLLECTOR,
    EXIT_STATUS,
    IS_ALONE,
    MAY_LEAVE_PROBLEMS_OUT,
    NAMED,
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
    "humaneval_dry_run",
)


def prepare(config: pytest.Config, settings: Settings) -> None:
    """Make the plan, and take what is the suite's from the command line.

    Raises:
        pytest.UsageError: something that the settings name cannot be used; one line says what and where.
    """
    try:
        config.stash[PLAN] = make_plan(settings, registry_of(config))
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
    typed, named = typed_arguments(config), suite_arguments(config)
    is_alone = names_what_to_run(typed) and not typed.file_or_dir
    config.args = [] if is_alone else [arg for arg in config.args if arg not in named]
    config.stash[NAMED] = named if typed.file_or_dir else (NODE,)
    config.stash[IS_ALONE] = is_alone
    config.stash[MAY_LEAVE_PROBLEMS_OUT] = may_leave_problems_out(typed)


class Suite(pytest.Module):
    """The suite in the place of a test file; its module is the plugin of that name."""

    def _getobj(self) -> object:
        return self.config.pluginmanager.get_plugin(SUITE)

    def collect(self) -> Iterable[pytest.Item | pytest.Collector]:
        """Return its items, unless a test file of the project that imports them has them already."""
        # The suite is the session's last child, so all other items are there.
        functions = [item.function for item in self.session.items if isinstance(item, pytest.Function)]
        is_imported = NODE in self.config.stash[NAMED] and self.obj.test_problem in functions
        return [] if is_imported else super().collect()


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
        ids = [f"{name}-{plan.label(name, task_id)}" for name, task_id in keys]
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
