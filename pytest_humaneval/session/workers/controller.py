"""With pytest-xdist: the controller generates, once; the workers read along and execute.

The workers collect, so the first of them to finish tells the controller which items were selected. From then
on the controller's generation runs in the background and appends to the feed, and a worker executes the
candidates of an item when it is the item's turn.
"""

from __future__ import annotations

import json
import os
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from typing import Protocol

import pytest

from pytest_humaneval.core.errors import HumanEvalError
from pytest_humaneval.core.records import Completion, Draw, NoCompletion, ProblemResult
from pytest_humaneval.evaluation.evaluation import (
    Key,
    execution_threads,
    generating,
    missing_layers,
    sandbox_of,
)
from pytest_humaneval.evaluation.execution import OnceSandbox, judge_draw, problem_result
from pytest_humaneval.evaluation.generation import Selection
from pytest_humaneval.evaluation.planning import Plan
from pytest_humaneval.evaluation.results import Tally
from pytest_humaneval.reports.progress import ProgressLine
from pytest_humaneval.sandbox import prove, starting_threads
from pytest_humaneval.session.workers.completion_feed import FeedReader, FeedWriter
from pytest_humaneval.session.workers.run_folder import RunFolder, is_over

_WARNING = "humaneval_warning"
_INPUT = "humaneval_run_folder"
_SELECTION = "selection.json"
_FEED = "completions.jsonl"


def selection_of(selected: dict[str, Key]) -> Selection:
    """Return the task ids of each experiment among the selected items."""
    selection: dict[str, list[str]] = {}
    for name, task_id in dict.fromkeys(selected.values()):
        selection.setdefault(name, []).append(task_id)
    return selection


def run_folder(config: pytest.Config) -> Path | None:
    """Return the folder that a worker shares with its controller; None where this is no worker."""
    return Path(config.workerinput[_INPUT]) if hasattr(config, "workerinput") else None


def announce_selection(folder: Path, selected: dict[str, Key]) -> None:
    """Tell the controller, from a worker, which items are selected; all workers say the same."""
    unfinished = folder / f"{_SELECTION}.{os.getpid()}"
    with suppress(OSError):  # the controller will miss it, and say so once
        unfinished.write_text(json.dumps(selected), encoding="utf-8")
        unfinished.replace(folder / _SELECTION)


def tell_controller(config: pytest.Config, warning: str) -> None:
    """Leave a line, from a worker, that the user should read."""
    output: dict[str, object] = vars(config)["workeroutput"]
    output[_WARNING] = warning


class FollowedEvaluation:
    """The results of a worker's items: completions from the feed, verdicts from a sandbox of its own."""

    def __init__(self, plan: Plan, folder: Path) -> None:
        self._plan = plan
        with ExitStack() as stack, starting_threads():
            self._sandbox = sandbox_of(plan)
            self._threads = execution_threads(self._sandbox)
            stack.callback(self._threads.shutdown, cancel_futures=True)
            stack.enter_context(closing(self._sandbox))
            prove(self._sandbox)
            feed = FeedReader(folder / _FEED, lambda: is_over(folder))
            self._feed = stack.enter_context(closing(feed))
            self._resources = stack.pop_all()

    def result(self, experiment: str, task_id: str) -> ProblemResult:
        """Return a problem's result, waiting until its completions are there."""
        draws = self._plan.draws(experiment, [task_id])
        sandbox = OnceSandbox(self._sandbox)
        judged = [
            self._threads.submit(judge_draw, self._plan, experiment, draw, completion, sandbox)
            for draw, completion in zip(draws, self._feed.take(experiment, draws), strict=True)
        ]
        return problem_result(self._plan, task_id, (sample.result() for sample in judged))

    def missing_layers(self) -> str | None:
        """Return in one line what the sandbox had to do without; None if nothing."""
        return missing_layers(self._sandbox)

    def close(self) -> None:
        """Stop what is still going on; nothing is left running."""
        self._resources.close()


class Node(Protocol):
    """What is needed of xdist's end of a worker: what it is told, and what it has left behind."""

    workerinput: dict[str, object]


class Controller:
    """Hooks of the controller; registered only where xdist distributes."""

    def __init__(self, plan: Plan, tally: Tally, line: ProgressLine) -> None:
        self._plan, self._tally, self._line = plan, tally, line
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
        self._tally.select(selected)
        try:
            selection = selection_of(selected)
            self._resources.enter_context(
                generating(self._plan, selection, self._deliver, self._tally.progress)
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
        if warning and warning not in self._tally.progress.warnings:
            self._tally.progress.warnings.append(warning)

    def _deliver(self, name: str, draw: Draw, completion: Completion | NoCompletion) -> None:
        if not self._is_cut_off:
            try:
                self._feed.write(name, draw, completion)
            except OSError as error:
                self._cut_off(error)
        if self._is_executing:
            self._line.show(lambda _elapsed_s: self._tally.progress.text())

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
        self._tally.progress.warnings.append(
            f"{self._folder}: completions could not be passed on to the workers ({error.strerror or error}); "
            "they are in the completion store, and another run scores them"
        )
        self._run_folder.end()

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self) -> None:
        """Stop what is still going on, and remove the run's folder."""
        self._resources.close()
