"""The one place that wires provider, store, post-processing and sandbox together; usable without pytest.

    with Evaluation(plan, selection) as evaluation:
        evaluation.result("fewshot_v1_chat", "HumanEval/0")

Completions stream in from a background thread, and each is extracted and executed as soon as it arrives, on
``jobs`` threads that only wait for the sandbox, while later ones are still being generated.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from types import TracebackType

from pytest_humaneval.core.config.settings import Settings
from pytest_humaneval.core.errors import SandboxError
from pytest_humaneval.core.ports import OpenedSandbox
from pytest_humaneval.core.records import (
    Candidate,
    Completion,
    Draw,
    Limits,
    NoCompletion,
    ProblemResult,
    Sample,
    Verdict,
)
from pytest_humaneval.core.results_json import spool_samples
from pytest_humaneval.core.spool import Spooled
from pytest_humaneval.evaluation.completion_source import open_source
from pytest_humaneval.evaluation.execution import Execution, OnceSandbox, judge_draw, problem_result
from pytest_humaneval.evaluation.generation import Deliver, Generation, Progress, Selection
from pytest_humaneval.evaluation.plan import Plan
from pytest_humaneval.sandbox import open_sandbox, probe_sandbox, shell_limit_warnings, starting_threads

Key = tuple[str, str]
"""An experiment's name and a task id."""


@contextmanager
def generating(
    plan: Plan,
    selection: Selection,
    deliver: Deliver,
    progress: Progress,
    on_wait: Callable[[], None] = lambda: None,
) -> Iterator[None]:
    """Generate a selection's completions in the background, for as long as the context lasts.

    ``progress`` says at any time how far that is; ``on_wait`` is called now and then before the first one.

    Raises:
        HumanEvalError: no completion can be had at all.
    """
    progress.warnings += _tighter_limits(plan)
    with ExitStack() as stack:
        sources = {name: open_source(plan, name, stack, progress.warn) for name in selection}
        generation = Generation(plan, selection, sources, deliver, progress)
        stack.callback(generation.close)
        with starting_threads():
            generation.start(on_wait)
        yield


def _tighter_limits(plan: Plan) -> list[str]:
    """Return a line for each limit of this shell that candidates meet first; a cluster has its own."""
    return [] if plan.settings.sandbox.startswith("ray") else shell_limit_warnings(plan.limits)


def sandbox_of(plan: Plan) -> OpenedSandbox:
    """Open the sandbox that a plan asks for.

    Raises:
        SandboxError: this machine lacks what strict isolation needs, or there is no such cluster.
    """
    settings = plan.settings
    return open_sandbox(plan.limits, settings.jobs, settings.sandbox, settings.isolation)


def execution_threads(sandbox: OpenedSandbox) -> ThreadPoolExecutor:
    """Open threads that wait for verdicts: more than jobs, since a candidate that waits makes room."""
    return ThreadPoolExecutor(sandbox.places, "humaneval-execution")


def executed(settings: Settings, limits: Limits, candidates: Sequence[Candidate]) -> list[Verdict]:
    """Return the verdicts of candidates, in their order, executed side by side.

    Raises:
        SandboxError: this machine lacks what strict isolation needs, or there is no such cluster.
    """
    with (
        closing(open_sandbox(limits, settings.jobs, settings.sandbox, settings.isolation)) as sandbox,
        execution_threads(sandbox) as threads,
    ):
        return list(threads.map(sandbox.run, candidates))


def missing_layers(sandbox: OpenedSandbox) -> str | None:
    """Return in one line what a sandbox had to do without; None if nothing. Starts a process if none runs."""
    try:
        missing = {layer: reason for layer, reason in sandbox.layers().items() if reason}
    except SandboxError:  # there was no sandbox to speak of, and every sample has told so
        return None
    told = ", ".join(f"{layer} ({reason})" for layer, reason in missing.items())
    return f"isolation: candidates ran without {told}" if missing else None


class Evaluation:
    """The results of a selection, worked out in the background from the moment this is made.

    Args:
        plan: all that the run needs to know.
        selection: what to work out.
        progress: where to note how far that is.
        on_wait: called now and then before the first completion is there.

    Attributes:
        progress: how far it is.

    Raises:
        HumanEvalError: no completion, or no verdict, can be had at all.
    """

    def __init__(
        self,
        plan: Plan,
        selection: Selection,
        progress: Progress | None = None,
        on_wait: Callable[[], None] = lambda: None,
    ) -> None:
        self._plan = plan
        self.progress = progress or Progress()
        self._lock = threading.Lock()
        self._spool = spool_samples()
        self._samples: dict[Key, Spooled[Sample]] = {}
        self._once: dict[Key, OnceSandbox] = {}
        self._results: dict[Key, Future[ProblemResult]] = {
            (name, task_id): Future() for name, task_ids in selection.items() for task_id in task_ids
        }
        # Closed in reverse: first no new candidates, then the running ones end, then the threads.
        with ExitStack() as stack, starting_threads():
            self._sandbox = sandbox_of(plan)
            execution = Execution(self._sandbox.places, self._judge)
            stack.callback(execution.close)
            stack.enter_context(closing(self._sandbox))
            # While completions are on their way: what cannot judge ends the run before they cost anything.
            proof = execution.call(lambda: probe_sandbox(self._sandbox))

            def check_and_tell() -> None:
                if proof.done():
                    proof.result()
                on_wait()

            stack.enter_context(generating(plan, selection, execution.submit, self.progress, check_and_tell))
            proof.result()
            self._resources = stack.pop_all()

    def is_there(self, experiment: str, task_id: str, timeout_s: float) -> bool:
        """Whether a problem's result is there, at the latest after ``timeout_s`` seconds."""
        return bool(wait([self._results[experiment, task_id]], timeout_s).done)

    def result(self, experiment: str, task_id: str) -> ProblemResult:
        """Return a problem's result as soon as it is there."""
        return self._results[experiment, task_id].result()

    def missing_layers(self) -> str | None:
        """Return in one line what the sandbox had to do without; None if nothing."""
        return missing_layers(self._sandbox)

    def close(self) -> None:
        """Stop what is still going on; nothing is left running."""
        self._resources.close()

    def __enter__(self) -> Evaluation:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _judge(self, name: str, draw: Draw, completion: Completion | NoCompletion) -> None:
        key = name, draw.task_id
        result = self._results[key]
        try:
            sample = judge_draw(self._plan, name, draw, completion, self._sandbox_for(key))
            if self._is_complete(key, sample):
                samples = problem_result(self._plan, draw.task_id, self._samples.pop(key))
                result.set_result(replace(samples, samples=self._spool.keep(samples.samples)))
        except Exception as error:  # the item that waits shall show it
            if not result.done():
                result.set_exception(error)

    def _sandbox_for(self, key: Key) -> OnceSandbox:
        with self._lock:
            return self._once.setdefault(key, OnceSandbox(self._sandbox))

    def _is_complete(self, key: Key, sample: Sample) -> bool:
        """Keep a sample; whether it was the last of the problem's."""
        with self._lock:
            samples = self._samples.setdefault(key, Spooled(self._spool))
            samples.append(sample)
            self.progress.judged += 1
            if len(samples) < self._plan.n(*key):
                return False
            del self._once[key]
            return True
