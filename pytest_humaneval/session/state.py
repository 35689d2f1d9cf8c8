"""The state that the hooks of one session share, under keys of pytest's stash."""

from __future__ import annotations

import pytest

from pytest_humaneval.core.ports import OpenedSandbox
from pytest_humaneval.core.results import ProblemResult
from pytest_humaneval.core.scoring.exit_status import ExitStatus
from pytest_humaneval.evaluation.plan import Key, Plan, Selection
from pytest_humaneval.evaluation.registry import Registry
from pytest_humaneval.evaluation.results import ResultCollector
from pytest_humaneval.reports.progress import ProgressLine

SUITE = "humaneval-suite"
"""The name under which the suite's module is registered as a plugin."""

PLAN = pytest.StashKey[Plan]()
"""All that the run needs to know."""

REGISTRY = pytest.StashKey[Registry]()
"""What experiments and flags can name."""

SANDBOX = pytest.StashKey["OpenedSandbox | None"]()
"""The sandbox, opened before anything is collected; not on a cluster, nor where workers have their own."""

COLLECTOR = pytest.StashKey[ResultCollector]()
"""Takes the results that items report."""

EXIT_STATUS = pytest.StashKey[ExitStatus]()
"""What is known of how the run may end."""

SELECTED = pytest.StashKey[dict[str, Key]]()
"""What the selected items stand for, by node id; known once collection is finished."""

RESULT = pytest.StashKey[ProblemResult]()
"""An item's result, once its fixture has it."""

RESULT_FIXTURE = "humaneval_result"
"""What a test takes to have its item's result."""

REPORTED = "humaneval_result"
"""The attribute of a test report that carries an item's result to the collector."""

NAMED = pytest.StashKey[tuple[str, ...]]()
"""The arguments that named the suite or items of it."""

IS_ALONE = pytest.StashKey[bool]()
"""Whether the suite is run alone, without the project's own tests."""

MAY_LEAVE_PROBLEMS_OUT = pytest.StashKey[bool]()
"""Whether a run without any problem in it is no mistake, so that its exit status is pytest's own."""

LINE = pytest.StashKey[ProgressLine]()
"""The progress line of the process that owns the terminal."""


def exit_status(config: pytest.Config) -> ExitStatus:
    """Return what is known of how the run may end, also of one that ended before it was planned."""
    return config.stash.get(EXIT_STATUS, ExitStatus())


def take_sandbox(config: pytest.Config) -> OpenedSandbox | None:
    """Return the sandbox that was opened at the start, for the caller to close; None the next time."""
    sandbox = config.stash.get(SANDBOX, None)
    config.stash[SANDBOX] = None
    return sandbox


def close_sandbox(config: pytest.Config) -> None:
    """Close the sandbox that was opened at the start, unless somebody took it."""
    if sandbox := take_sandbox(config):
        sandbox.close()


def selection_of(selected: dict[str, Key]) -> Selection:
    """Return the task ids of each experiment among the selected items."""
    selection: dict[str, list[str]] = {}
    for name, task_id in dict.fromkeys(selected.values()):
        selection.setdefault(name, []).append(task_id)
    return selection
