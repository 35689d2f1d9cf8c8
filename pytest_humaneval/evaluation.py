"""The one place that wires provider, store, post-processing and sandbox together; usable without pytest.

    with Evaluation(plan, selection) as evaluation:
        evaluation.result("fewshot_v1_chat", "HumanEval/0")

Completions stream in from a background thread, and each is extracted and executed as soon as it arrives, on
``jobs`` threads that only wait for the sandbox, while later ones are still being generated.
"""

from __future__ import annotations

import os
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, closing, contextmanager
from types import TracebackType

from pytest_humaneval.assignment import Assignment
from pytest_humaneval.core.errors import SandboxError
from pytest_humaneval.core.pipeline import judge
from pytest_humaneval.core.ports import Provider, Sandbox
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
from pytest_humaneval.core.settings import Settings
from pytest_humaneval.generation import Deliver, Generation, Progress, Selection, Source
from pytest_humaneval.plan import Plan
from pytest_humaneval.providers.canonical import CanonicalProvider
from pytest_humaneval.providers.recorded import RecordedProvider
from pytest_humaneval.sandbox import OpenedSandbox, open_sandbox
from pytest_humaneval.store.forgiving import ForgivingStore
from pytest_humaneval.store.kinds import open_store

Key = tuple[str, str]
"""An experiment's name and a task id."""


@contextmanager
def generating(
    plan: Plan,
    selection: Selection,
    deliver: Deliver,
    progress: Progress,
    tell: Callable[[], None] = lambda: None,
) -> Iterator[None]:
    """Generate a selection's completions in the background, for as long as the context lasts.

    ``progress`` says at any time how far that is; ``tell`` is called now and then until there is a first one.

    Raises:
        HumanEvalError: no completion can be had at all.
    """
    with ExitStack() as stack:
        sources = {name: _open_source(plan, name, stack, progress.warnings.append) for name in selection}
        generation = Generation(plan, selection, sources, deliver, progress)
        stack.callback(generation.close)
        generation.start(tell)
        yield


def _open_source(plan: Plan, name: str, stack: ExitStack, warn: Callable[[str], None]) -> Source:
    if plan.recorded is not None:
        return RecordedProvider(plan.recorded), None
    provider = _open_model(plan.assignments[name])
    if provider is None:
        return CanonicalProvider(plan.problems.values()), None
    store = ForgivingStore(open_store(plan.settings.cache, plan.settings.rootdir), warn)
    return provider, stack.enter_context(closing(store))


def _open_model(assignment: Assignment) -> Provider | None:
    """Return what gives a model's own completions; None where no model is asked."""
    # Imported where they are used: a run of recorded or canonical answers starts sooner without them.
    server, soft_prompt = assignment.experiment.server, assignment.soft_prompt
    if server is None and assignment.embedded is not None:
        from pytest_humaneval.providers.embedded import EmbeddedProvider

        return EmbeddedProvider(assignment.embedded, soft_prompt)
    if server is None:
        return None
    from pytest_humaneval.providers.server import ServerProvider

    embedder = None
    if assignment.embedded is not None and soft_prompt is not None:
        from pytest_humaneval.providers.prompt_embeds import PromptEmbedder

        embedder = PromptEmbedder(assignment.embedded, soft_prompt)
    return ServerProvider(
        server.base_url,
        api_key=os.environ.get(server.api_key_env),
        concurrency=server.concurrency,
        timeout_s=server.timeout_s,
        max_retries=server.max_retries,
        embedder=embedder,
    )


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


def judge_draw(
    plan: Plan, name: str, draw: Draw, completion: Completion | NoCompletion, sandbox: Sandbox
) -> Sample:
    """Return the judged sample of one draw of an experiment."""
    assignment = plan.assignments[name]
    unrepaired = assignment.extract_unrepaired if assignment.repairs else None
    return judge(plan.problems[draw.task_id], draw, completion, sandbox, assignment.extract, unrepaired)


def problem_result(plan: Plan, task_id: str, samples: Iterable[Sample]) -> ProblemResult:
    """Return a problem's result, its samples in the order of their index."""
    ordered = sorted(samples, key=lambda sample: sample.sample_index)
    return ProblemResult(task_id, plan.problems[task_id].entry_point, tuple(ordered))


class Evaluation:
    """The results of a selection, worked out in the background from the moment this is made.

    Args:
        plan: all that the run needs to know.
        selection: what to work out.
        progress: where to note how far that is.
        tell: called now and then before the first completion is there.

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
        tell: Callable[[], None] = lambda: None,
    ) -> None:
        self._plan = plan
        self.progress = progress or Progress()
        self._lock = threading.Lock()
        self._samples: dict[Key, list[Sample]] = defaultdict(list)
        self._results: dict[Key, Future[ProblemResult]] = {
            (name, task_id): Future() for name, task_ids in selection.items() for task_id in task_ids
        }
        # Closed in reverse: first no new candidates, then the running ones end, then the threads.
        with ExitStack() as stack:
            self._sandbox = sandbox_of(plan)
            self._threads = execution_threads(self._sandbox)
            stack.callback(self._threads.shutdown, cancel_futures=True)
            stack.enter_context(closing(self._sandbox))
            stack.enter_context(generating(plan, selection, self._judge_later, self.progress, tell))
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

    def _judge_later(self, name: str, draw: Draw, completion: Completion | NoCompletion) -> None:
        self._threads.submit(self._judge, name, draw, completion)

    def _judge(self, name: str, draw: Draw, completion: Completion | NoCompletion) -> None:
        result = self._results[name, draw.task_id]
        try:
            sample = judge_draw(self._plan, name, draw, completion, self._sandbox)
        except Exception as error:  # the item that waits shall show it
            result.set_exception(error)
            return
        if samples := self._collect(name, draw.task_id, sample):
            result.set_result(problem_result(self._plan, draw.task_id, samples))

    def _collect(self, name: str, task_id: str, sample: Sample) -> list[Sample]:
        """Keep a sample; return all of the problem's when it was the last one, else none."""
        with self._lock:
            samples = self._samples[name, task_id]
            samples.append(sample)
            self.progress.judged += 1
            return samples if len(samples) == self._plan.n(name, task_id) else []
