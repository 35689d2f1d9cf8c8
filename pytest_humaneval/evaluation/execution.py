"""Execution in the background: threads that wait for verdicts, and programs that are executed once.

What waits to be executed waits on disk, so a model that is faster than the sandbox costs no memory.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import replace
from functools import partial
from queue import SimpleQueue
from typing import TypeVar

from pytest_humaneval.core.pipeline import judge
from pytest_humaneval.core.ports import Sandbox
from pytest_humaneval.core.records import (
    Candidate,
    Completion,
    Draw,
    NoCompletion,
    Outcome,
    ProblemResult,
    Sample,
    Verdict,
)
from pytest_humaneval.core.spool import Spool
from pytest_humaneval.evaluation.plan import Plan

JudgeDraw = Callable[[str, Draw, "Completion | NoCompletion"], None]
"""Takes an experiment's name, a draw and what became of it."""

T = TypeVar("T")


class OnceSandbox:
    """Another sandbox, which gets each distinct candidate once; equal ones share the verdict.

    An ``infra_error`` is no verdict: the next equal candidate is tried again.
    """

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._lock = threading.Lock()
        self._verdicts: dict[bytes, Future[Verdict]] = {}

    def run(self, candidate: Candidate) -> Verdict:
        """Return the verdict; waits where an equal candidate is being executed."""
        key = _digest(candidate)
        with self._lock:
            known = self._verdicts.get(key)
            mine: Future[Verdict] = Future()
            if known is None:
                self._verdicts[key] = mine
        if known is not None:
            verdict = known.result()
            return self._sandbox.run(candidate) if verdict.outcome is Outcome.INFRA_ERROR else verdict
        try:
            verdict = self._sandbox.run(candidate)
        except BaseException as error:
            mine.set_exception(error)
            raise
        mine.set_result(verdict)
        return verdict

    def close(self) -> None:
        """Forget the verdicts; the other sandbox stays open."""
        self._verdicts.clear()


def _digest(candidate: Candidate) -> bytes:
    parts = (candidate.solution, candidate.entry_point, candidate.prompt, candidate.test)
    text = "\0".join(f"{len(part)}:{part}" for part in parts)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def judge_draw(
    plan: Plan, name: str, draw: Draw, completion: Completion | NoCompletion, sandbox: Sandbox
) -> Sample:
    """Return the judged sample of one draw of an experiment."""
    resolved = plan.experiments[name]
    unrepaired = resolved.extract_unrepaired if resolved.repairs else None
    return judge(plan.problems[draw.task_id], draw, completion, sandbox, resolved.extract, unrepaired)


def problem_result(plan: Plan, task_id: str, samples: Iterable[Sample]) -> ProblemResult:
    """Return a problem's result, its samples in the order of their index.

    Which of several equal programs came to be executed is chance; the first counts as the executed one.
    """
    ordered = []
    programs: set[str] = set()
    for sample in sorted(samples, key=lambda sample: sample.sample_index):
        program = None if sample.outcome is Outcome.INFRA_ERROR else sample.solution
        ordered.append(replace(sample, shared=True) if program in programs else sample)
        programs |= set() if program is None else {program}
    return ProblemResult(task_id, plan.problems[task_id].entry_point, tuple(ordered))


class Execution:
    """Judges what it is given, in the order given, on threads that only wait for the sandbox."""

    def __init__(self, threads: int, judge: JudgeDraw) -> None:
        """Start the threads.

        Raises:
            RuntimeError: so many cannot be started.
        """
        self._judge = judge
        self._spool: Spool[Completion | NoCompletion] = Spool(_to_json, _from_json)
        self._waiting: SimpleQueue[Callable[[], object] | None] = SimpleQueue()
        self.is_closed = False
        self._threads: list[threading.Thread] = []
        try:
            for number in range(threads):
                self._start(f"humaneval-execution-{number}")
        except RuntimeError:
            self.close()
            raise

    def submit(self, name: str, draw: Draw, completion: Completion | NoCompletion) -> None:
        """Have a draw judged; returns at once."""
        self._waiting.put(partial(self._judge_spooled, name, draw, self._spool.write(completion)))

    def call(self, function: Callable[[], T]) -> Future[T]:
        """Have a function called by one of the threads; do not wait for it after ``close``."""
        result: Future[T] = Future()

        def settle() -> None:
            try:
                result.set_result(function())
            except Exception as error:
                result.set_exception(error)

        self._waiting.put(settle)
        return result

    def close(self) -> None:
        """JudgeDraw nothing more, and wait until the threads have ended."""
        self.is_closed = True
        for _ in self._threads:
            self._waiting.put(None)
        for thread in self._threads:
            thread.join()

    def _start(self, name: str) -> None:
        thread = threading.Thread(target=self._work, name=name, daemon=True)
        thread.start()
        self._threads.append(thread)

    def _work(self) -> None:
        while (task := self._waiting.get()) is not None and not self.is_closed:
            task()

    def _judge_spooled(self, name: str, draw: Draw, place: tuple[int, int]) -> None:
        self._judge(name, draw, self._spool.read(*place))


def _to_json(completion: Completion | NoCompletion) -> list[object]:
    return [isinstance(completion, Completion), vars(completion)]


def _from_json(data: tuple[bool, dict[str, str]]) -> Completion | NoCompletion:
    is_completion, fields = data
    return Completion(**fields) if is_completion else NoCompletion(**fields)  # type: ignore[arg-type]
