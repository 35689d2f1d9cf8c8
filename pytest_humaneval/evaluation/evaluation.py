"""The one place that wires provider, store, post-processing and sandbox together; usable without pytest.

    with Evaluation(plan, selection) as evaluation:
        evaluation.result("fewshot_v1_chat", "HumanEval/0")

Completions stream in from a background thread, and each is extracted and executed as soon as it arrives, on
``jobs`` threads that only wait for the sandbox, while later ones are still being generated.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from functools import partial
from types import TracebackType

from pytest_humaneval.core.cost import Bill, Purse
from pytest_humaneval.core.ports import OpenedSandbox
from pytest_humaneval.core.records import Draw, DrawResult
from pytest_humaneval.core.results import ProblemResult, Sample
from pytest_humaneval.core.results_json import spool_samples
from pytest_humaneval.evaluation.canonical_limits import CanonicalLimits
from pytest_humaneval.evaluation.completion_source import open_sources
from pytest_humaneval.evaluation.counted_provider import OnRequest, ignore_request
from pytest_humaneval.evaluation.execution import Execution
from pytest_humaneval.evaluation.generation import WAIT_STEP_S, Deliver, Generation
from pytest_humaneval.evaluation.judging import OnceSandbox, ProblemSamples, judge_draw
from pytest_humaneval.evaluation.longest_first import long_candidates, ordered
from pytest_humaneval.evaluation.plan import Key, Plan, Selection
from pytest_humaneval.evaluation.progress import Progress
from pytest_humaneval.evaluation.sandboxes import missing_layers, sandbox_of
from pytest_humaneval.evaluation.trials import Trials, rounds_of
from pytest_humaneval.sandbox import probe_sandbox, shell_limit_warnings, starting_threads


@contextmanager
def generating(
    plan: Plan,
    selection: Selection,
    deliver: Deliver,
    progress: Progress,
    on_wait: Callable[[], None] = lambda: None,
    on_request: OnRequest = ignore_request,
    trials: Trials | None = None,
) -> Iterator[None]:
    """Generate a selection's completions in the background, for as long as the context lasts.

    ``progress`` says at any time how far that is; ``on_wait`` is called now and then before the first one,
    ``on_request`` for each draw that is about to be requested. Repair rounds need ``trials``; a
    sandbox is opened for them where there are none.

    Raises:
        HumanEvalError: no completion can be had at all.
    """
    progress.warnings += _tighter_limits(plan)
    progress.bills = _bills(plan, selection)
    with ExitStack() as stack:
        sources = open_sources(plan, progress.bills, stack, progress.warn)
        rounds = rounds_of(plan, selection, trials, stack)
        selection = ordered(selection, long_candidates(plan))
        generation = Generation(plan, selection, sources, deliver, progress, on_request, rounds)
        stack.callback(generation.close)
        with starting_threads():
            generation.start(on_wait)
        yield


def _bills(plan: Plan, selection: Selection) -> dict[str, Bill]:
    """Return a bill for each experiment, all paid from one purse."""
    purse = Purse(plan.settings.max_cost)
    return {name: Bill(plan.experiments[name].experiment.prices, purse) for name in selection}


def _tighter_limits(plan: Plan) -> list[str]:
    """Return a line for each limit of this shell that candidates meet first; a cluster has its own."""
    return [] if plan.settings.sandbox.startswith("ray") else shell_limit_warnings(plan.limits)


class Evaluation:
    """The results of a selection, worked out in the background from the moment this is made.

    Args:
        plan: all that the run needs to know.
        selection: what to work out.
        progress: where to note how far that is.
        on_wait: called now and then before the first completion is there.
        on_request: called for each draw that is about to be requested, in the thread that generates.
        sandbox: one that is open already, closed with this; None to open one.

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
        on_request: OnRequest = ignore_request,
        sandbox: OpenedSandbox | None = None,
    ) -> None:
        self._plan = plan
        self.progress = progress or Progress()
        self._lock = threading.Lock()
        self._spool = spool_samples()
        self._samples: dict[Key, ProblemSamples] = {}
        self._once: dict[Key, OnceSandbox] = {}
        self._limits = CanonicalLimits(plan.limits)
        self._results: dict[Key, Future[ProblemResult]] = {
            (name, task_id): Future() for name, task_ids in selection.items() for task_id in task_ids
        }
        with ExitStack() as stack, starting_threads():
            self._sandbox = sandbox or sandbox_of(plan)
            self._start(selection, on_wait, on_request, stack)
            self._resources = stack.pop_all()

    def _start(
        self, selection: Selection, on_wait: Callable[[], None], on_request: OnRequest, stack: ExitStack
    ) -> None:
        # Closed in reverse: first no new candidates, then the running ones end, then the threads.
        execution = Execution(self._sandbox.places, self._judge, long_candidates(self._plan))
        stack.callback(execution.close)
        stack.enter_context(closing(self._sandbox))
        # While completions are on their way: what cannot judge ends the run before they cost anything.
        check = execution.call(lambda: probe_sandbox(self._sandbox))
        self._find_limits(execution)

        def check_and_wait() -> None:
            if check.done():
                check.result()
            on_wait()

        plan, submit, progress = self._plan, execution.submit, self.progress
        trials = Trials(self._sandbox_for, execution.call)
        stack.enter_context(generating(plan, selection, submit, progress, check_and_wait, on_request, trials))
        check.result()

    def _find_limits(self, execution: Execution) -> None:
        """Work the problems' own limits out while completions are on their way, where they have some."""
        if self._plan.limits.canonical_factor is None:
            return
        for name, task_id in self._results:
            problem = self._plan.problems[name][task_id]
            execution.call(partial(self._limits.of, problem, self._sandbox_for((name, task_id))))

    def result(
        self, experiment: str, task_id: str, on_wait: Callable[[], None] = lambda: None
    ) -> ProblemResult:
        """Return a problem's result as soon as it is there; until then, call ``on_wait`` now and then."""
        result = self._results[experiment, task_id]
        while not wait([result], WAIT_STEP_S).done:
            on_wait()
        return result.result()

    def settled(self) -> dict[Key, ProblemResult]:
        """Return the results that are there, whether or not their items have asked for them."""
        return {
            key: result.result()
            for key, result in self._results.items()
            if result.done() and result.exception() is None
        }

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

    def _judge(self, name: str, draw: Draw, completion: DrawResult) -> None:
        key = name, draw.task_id
        result = self._results[key]
        try:
            sample = judge_draw(self._plan, name, draw, completion, self._sandbox_for(key), self._limits)
            if samples := self._completed_by(key, sample):
                problem = self._plan.problems[name][draw.task_id]
                whole = samples.result(problem, self._plan.experiments[name].experiment.select)
                limit_s = self._limits.of(problem, self._sandbox)
                result.set_result(replace(whole, timeout_s=limit_s))
        # The item that waits for it shows it.
        except Exception as error:
            if not result.done():
                result.set_exception(error)

    def _sandbox_for(self, key: Key) -> OnceSandbox:
        with self._lock:
            return self._once.setdefault(key, OnceSandbox(self._sandbox))

    def _completed_by(self, key: Key, sample: Sample) -> ProblemSamples | None:
        """Keep a sample; return the problem's samples if it was the last of them."""
        with self._lock:
            samples = self._samples.setdefault(key, ProblemSamples(self._spool))
            samples.add(sample)
            self.progress.judged_here.count([sample.outcome])
            if len(samples) < self._plan.n(*key):
                return None
            del self._once[key]
            return self._samples.pop(key)
