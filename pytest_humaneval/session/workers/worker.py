"""A worker of pytest-xdist: it reads the completions that its controller generates, and executes them."""

from __future__ import annotations

import json
import os
from contextlib import ExitStack, closing, suppress
from pathlib import Path

import pytest

from pytest_humaneval.core.records import ProblemResult
from pytest_humaneval.evaluation.evaluation import Key, execution_threads, missing_layers, sandbox_of
from pytest_humaneval.evaluation.execution import OnceSandbox, judge_draw, problem_result
from pytest_humaneval.evaluation.plan import Plan
from pytest_humaneval.reports.visible import visible
from pytest_humaneval.sandbox import probe_sandbox, starting_threads
from pytest_humaneval.session.state import COLLECTOR
from pytest_humaneval.session.workers.completion_feed import FeedReader
from pytest_humaneval.session.workers.run_folder import is_over

_WARNING = "humaneval_warning"

_INPUT = "humaneval_run_folder"

_SELECTION = "selection.json"

_FEED = "completions.jsonl"


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


class WorkerEvaluation:
    """The results of a worker's items: completions from the feed, verdicts from a sandbox of its own."""

    def __init__(self, plan: Plan, folder: Path) -> None:
        self._plan = plan
        with ExitStack() as stack, starting_threads():
            self._sandbox = sandbox_of(plan)
            self._threads = execution_threads(self._sandbox)
            stack.callback(self._threads.shutdown, cancel_futures=True)
            stack.enter_context(closing(self._sandbox))
            probe_sandbox(self._sandbox)
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


def warn(config: pytest.Config, warning: str) -> None:
    """Leave a line that the summary is to show."""
    if run_folder(config):
        tell_controller(config, visible(warning))
    else:
        config.stash[COLLECTOR].progress.warnings.append(warning)
