"""A worker of pytest-xdist: it reads the completions that its controller generates, and executes them."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from contextlib import ExitStack, closing, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from pytest_humaneval.core.results import ProblemResult
from pytest_humaneval.evaluation.canonical_limits import CanonicalLimits
from pytest_humaneval.evaluation.judging import OnceSandbox, judge_draw, problem_result
from pytest_humaneval.evaluation.plan import Key, Plan
from pytest_humaneval.evaluation.sandboxes import execution_threads, missing_layers, sandbox_of
from pytest_humaneval.reports.visible import visible
from pytest_humaneval.sandbox import probe_sandbox, starting_threads
from pytest_humaneval.session.state import COLLECTOR
from pytest_humaneval.session.workers.completion_feed import FeedReader
from pytest_humaneval.session.workers.run_folder import FEED_FILE, SELECTION_FILE, is_over

RUN_FOLDER_KEY = "humaneval_run_folder"
"""The key of the folder in ``workerinput``, which xdist sends to a worker at its start."""

WARNING_KEY = "humaneval_warning"
"""The key of a line in ``workeroutput``, which xdist sends to the controller at a worker's end."""


def run_folder(config: pytest.Config) -> Path | None:
    """Return the folder that a worker shares with its controller; None where this is no worker."""
    return Path(config.workerinput[RUN_FOLDER_KEY]) if hasattr(config, "workerinput") else None


def announce_selection(folder: Path, selected: dict[str, Key]) -> None:
    """Let the controller know, from a worker, which items are selected; it is the same in all workers."""
    unfinished = folder / f"{SELECTION_FILE}.{os.getpid()}"
    # The controller misses it then, and reports that once, where each worker would report it again.
    with suppress(OSError):
        unfinished.write_text(json.dumps(selected), encoding="utf-8")
        # In one step, for the controller reads as soon as the first worker has collected.
        unfinished.replace(folder / SELECTION_FILE)


def _leave_warning(config: pytest.Config, warning: str) -> None:
    output: dict[str, object] = vars(config)["workeroutput"]
    output[WARNING_KEY] = warning


class WorkerEvaluation:
    """The results of a worker's items: completions from the feed, verdicts from a sandbox of its own."""

    def __init__(self, plan: Plan, folder: Path) -> None:
        self._plan, self._limits = plan, CanonicalLimits(plan.limits)
        with ExitStack() as stack, starting_threads():
            self._sandbox = sandbox_of(plan)
            self._threads = execution_threads(self._sandbox)
            stack.callback(self._threads.shutdown, cancel_futures=True)
            stack.enter_context(closing(self._sandbox))
            probe_sandbox(self._sandbox)
            feed = FeedReader(folder / FEED_FILE, lambda: is_over(folder))
            self._feed = stack.enter_context(closing(feed))
            self._resources = stack.pop_all()

    def result(self, experiment: str, task_id: str, on_wait: Callable[[], None]) -> ProblemResult:
        """Return a problem's result as soon as it is there; until then, call ``on_wait`` now and then."""
        draws = self._plan.draws(experiment, [task_id])
        sandbox = OnceSandbox(self._sandbox)
        judged = [
            self._threads.submit(judge_draw, self._plan, experiment, draw, completion, sandbox, self._limits)
            for draw, completion in zip(draws, self._feed.take(experiment, draws, on_wait), strict=True)
        ]
        ways = self._plan.experiments[experiment].experiment.select
        problem = self._plan.problems[experiment][task_id]
        result = problem_result(problem, (sample.result() for sample in judged), ways)
        return replace(result, timeout_s=self._limits.of(problem, sandbox))

    def missing_layers(self) -> str | None:
        """Return in one line what the sandbox had to do without; None if nothing."""
        return missing_layers(self._sandbox)

    def close(self) -> None:
        """Stop what is still going on; nothing is left running."""
        self._resources.close()


def warn(config: pytest.Config, warning: str) -> None:
    """Leave a line that the summary is to show."""
    if run_folder(config):
        _leave_warning(config, visible(warning))
    else:
        config.stash[COLLECTOR].progress.warnings.append(warning)
