"""The controller of pytest-xdist: it generates the completions once, for all workers.

The workers collect, so the controller learns from the first of them which items are selected. From then on
its generation runs in the background and appends to the feed, and a worker executes the
candidates of an item when it is the item's turn.
"""

from __future__ import annotations

import json
from contextlib import ExitStack, closing
from typing import Protocol

import pytest

from pytest_humaneval.core.errors import ConfigError, HumanEvalError
from pytest_humaneval.core.records import Draw, DrawResult
from pytest_humaneval.evaluation.counted_provider import OnRequest
from pytest_humaneval.evaluation.evaluation import generating
from pytest_humaneval.evaluation.plan import Key, Plan
from pytest_humaneval.evaluation.planning import check_baseline_is_whole
from pytest_humaneval.evaluation.results import ResultCollector
from pytest_humaneval.session.ending import end_run
from pytest_humaneval.session.state import selection_of
from pytest_humaneval.session.workers.completion_feed import FeedWriter
from pytest_humaneval.session.workers.run_folder import FEED_FILE, SELECTION_FILE, RunFolder
from pytest_humaneval.session.workers.worker import RUN_FOLDER_KEY, WARNING_KEY


class Node(Protocol):
    """The controller's view of a worker: ``workerinput`` is sent to it at its start."""

    workerinput: dict[str, object]


class Controller:
    """Hooks of the controller; registered only where xdist distributes."""

    def __init__(self, plan: Plan, collector: ResultCollector, on_request: OnRequest) -> None:
        self._plan, self._collector, self._on_request = plan, collector, on_request
        self._resources = ExitStack()
        self._run_folder = self._resources.enter_context(closing(RunFolder()))
        self._folder = self._run_folder.path
        self._feed = self._resources.enter_context(closing(FeedWriter(self._folder / FEED_FILE)))
        self._is_started = self._is_cut_off = False

    def pytest_configure_node(self, node: Node) -> None:
        """Give a worker, before it starts, the path of the run's folder."""
        node.workerinput[RUN_FOLDER_KEY] = str(self._folder)

    def pytest_xdist_node_collection_finished(self) -> None:
        """Start to generate when the first worker has collected; the others have the same items."""
        if self._is_started:
            return
        self._is_started = True
        selected = self._selected()
        self._collector.select(selected)
        selection = selection_of(selected)
        try:
            check_baseline_is_whole(self._plan, selection)
        except ConfigError as error:
            pytest.exit(str(error), returncode=pytest.ExitCode.USAGE_ERROR)
        try:
            progress, on_request = self._collector.progress, self._on_request
            self._resources.enter_context(
                generating(self._plan, selection, self._deliver, progress, on_request=on_request)
            )
        except HumanEvalError as error:
            end_run(str(error), self._plan.exit_status_without_scores)

    def _selected(self) -> dict[str, Key]:
        try:
            selected = json.loads((self._folder / SELECTION_FILE).read_text("utf-8"))
        except FileNotFoundError:
            end_run(
                f"{self._folder}: the workers could not write there which items are selected; "
                "make room, or let TMPDIR name a folder with room",
                self._plan.exit_status_without_scores,
            )
        return {nodeid: (name, task_id) for nodeid, (name, task_id) in selected.items()}

    def pytest_testnodedown(self, node: Node) -> None:
        """Take the warning that a worker left at its end; one that died has left none."""
        warning = getattr(node, "workeroutput", {}).get(WARNING_KEY)
        if warning and warning not in self._collector.progress.warnings:
            self._collector.progress.warnings.append(warning)

    def _deliver(self, name: str, draw: Draw, completion: DrawResult) -> None:
        if not self._is_cut_off:
            try:
                self._feed.write(name, draw, completion)
            except OSError as error:
                self._cut_off(error)

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
