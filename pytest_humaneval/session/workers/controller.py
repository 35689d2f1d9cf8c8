"""With pytest-xdist: the controller generates, once; the workers read along and execute.

The workers collect, so the first of them to finish tells the controller which items were selected. From then
on the controller's generation runs in the background and appends to the feed, and a worker executes the
candidates of an item when it is the item's turn.
"""

from __future__ import annotations

import json
from contextlib import ExitStack, closing
from typing import Protocol

import pytest

from pytest_humaneval.core.errors import HumanEvalError
from pytest_humaneval.core.records import Completion, Draw, NoCompletion
from pytest_humaneval.evaluation.evaluation import generating
from pytest_humaneval.evaluation.plan import Key, Plan
from pytest_humaneval.evaluation.results import ResultCollector
from pytest_humaneval.reports.progress import ProgressLine
from pytest_humaneval.session.progress_line import progress_message
from pytest_humaneval.session.state import selection_of
from pytest_humaneval.session.workers.completion_feed import FeedWriter
from pytest_humaneval.session.workers.run_folder import RunFolder

_WARNING = "humaneval_warning"
_INPUT = "humaneval_run_folder"
_SELECTION = "selection.json"
_FEED = "completions.jsonl"


class Node(Protocol):
    """What is needed of xdist's end of a worker: what it is told, and what it has left behind."""

    workerinput: dict[str, object]


class Controller:
    """Hooks of the controller; registered only where xdist distributes."""

    def __init__(self, plan: Plan, collector: ResultCollector, line: ProgressLine) -> None:
        self._plan, self._collector, self._line = plan, collector, line
        self._resources = ExitStack()
        self._run_folder = self._resources.enter_context(closing(RunFolder()))
        self._folder = self._run_folder.path
        self._feed = self._resources.enter_context(closing(FeedWriter(self._folder / _FEED)))
        self._is_started = self._is_cut_off = False
        self._is_executing = False

    def pytest_configure_node(self, node: Node) -> None:
        """Tell a worker, before it starts, where the run's folder is."""
        node.workerinput[_INPUT] = str(self._folder)

    def pytest_xdist_node_collection_finished(self) -> None:
        """Start to generate when the first worker has collected; the others have the same items."""
        if self._is_started:
            return
        self._is_started = True
        selected = self._selected()
        self._collector.select(selected)
        try:
            selection = selection_of(selected)
            self._resources.enter_context(
                generating(self._plan, selection, self._deliver, self._collector.progress)
            )
        except HumanEvalError as error:
            pytest.exit(str(error), returncode=self._plan.exit_status_without_scores)

    def _selected(self) -> dict[str, Key]:
        try:
            selected = json.loads((self._folder / _SELECTION).read_text("utf-8"))
        except FileNotFoundError:
            pytest.exit(
                f"{self._folder}: the workers could not write there which items are selected; "
                "make room, or let TMPDIR name a folder with room",
                returncode=self._plan.exit_status_without_scores,
            )
        return {nodeid: (name, task_id) for nodeid, (name, task_id) in selected.items()}

    def pytest_testnodedown(self, node: Node) -> None:
        """Take what a worker has to tell at its end; one that died has nothing."""
        warning = getattr(node, "workeroutput", {}).get(_WARNING)
        if warning and warning not in self._collector.progress.warnings:
            self._collector.progress.warnings.append(warning)

    def _deliver(self, name: str, draw: Draw, completion: Completion | NoCompletion) -> None:
        if not self._is_cut_off:
            try:
                self._feed.write(name, draw, completion)
            except OSError as error:
                self._cut_off(error)
        if self._is_executing:
            self._line.show(lambda _elapsed_s: progress_message(self._collector.progress))

    def pytest_runtest_logstart(self) -> None:
        """Note that the workers execute: from now on xdist does not write over its own last line."""
        self._is_executing = True

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self) -> None:
        """Make room for what pytest is going to write of an item."""
        self._line.clear()

    def _cut_off(self, error: OSError) -> None:
        """Let workers wait for nothing more; what is still generated goes to the store alone."""
        self._is_cut_off = True
        self._collector.progress.warnings.append(
            f"{self._folder}: completions could not be passed on to the workers ({error.strerror or error}); "
            "they are in the completion store, and another run scores them"
        )
        self._run_folder.end()

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self) -> None:
        """Stop what is still going on, and remove the run's folder."""
        self._resources.close()
