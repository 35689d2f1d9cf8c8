"""A sandbox of several worker processes, each of which judges one candidate at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TypeVar

from pytest_humaneval.core.errors import SandboxError
from pytest_humaneval.core.records import Candidate, Outcome, Verdict
from pytest_humaneval.sandbox.outside_kills import oom_kills, was_killed
from pytest_humaneval.sandbox.probe import HARMLESS
from pytest_humaneval.sandbox.runtime.isolation.settings import WorkerSettings
from pytest_humaneval.sandbox.shell_limits import allowed, excused
from pytest_humaneval.sandbox.worker_process import Worker, WorkerAnswer, WorkerDied

T = TypeVar("T")

IDLE_PER_JOB = 8
_TRIES = 3


class PooledSandbox:
    """Judges candidates in worker processes, which are started when they are first needed.

    Args:
        settings: how a worker runs its candidates.
        jobs: how many candidates use a core at once. One that waits without using its core makes room for
            another, up to ``IDLE_PER_JOB`` for each job, provided that enough threads call ``run``.
    """

    def __init__(self, settings: WorkerSettings, jobs: int) -> None:
        self._settings = settings
        self._jobs = jobs
        self._cores = threading.Semaphore(jobs)
        self._places = threading.Semaphore(jobs * IDLE_PER_JOB)
        self._alone = threading.Lock()
        self._idle: list[Worker] = []
        self._busy: set[Worker] = set()
        self._closed = False

    @property
    def places(self) -> int:
        """How many threads may usefully wait in ``run`` at once."""
        return self._jobs * IDLE_PER_JOB

    def run(self, candidate: Candidate) -> Verdict:
        """Return the verdict; see ``Sandbox``.

        Raises:
            SandboxError: no process can be started, or the sandbox was closed.
        """
        with self._places:
            answer = self._answer(candidate)
            if answer.doubtful and answer.verdict.outcome is Outcome.MEMORY:
                answer = self._answer(candidate, keeps_core=True)
        if answer.doubtful or was_killed(answer.verdict):
            with self._no_others():
                return self._judged_again(candidate)
        return answer.verdict

    def layers(self) -> dict[str, str]:
        """Return the layers of isolation: why one is missing, under its name; empty where it is in use.

        Raises:
            SandboxError: no process can be started, or the sandbox was closed.
        """
        return self._with_worker(lambda worker: worker.layers)

    def _answer(self, candidate: Candidate, *, keeps_core: bool = False) -> WorkerAnswer:
        core = _Core(self._cores)
        try:
            return self._judged(candidate, None if keeps_core else core.release)
        finally:
            core.release()

    def _judged(self, candidate: Candidate, on_idle: Callable[[], None] | None = None) -> WorkerAnswer:
        try:
            answer = self._with_worker(lambda worker: worker.judge(candidate, on_idle))
        except WorkerDied as death:
            return WorkerAnswer(self._of_killer(candidate, str(death)), doubtful=False)
        return answer._replace(verdict=excused(answer.verdict, self._settings.timeout_s))

    def _with_worker(self, use: Callable[[Worker], T]) -> T:
        """Return what is had of a worker; one that dies costs a retry.

        Raises:
            WorkerDied: all of them did.
            SandboxError: no process can be started, or the sandbox was closed.
        """
        for _ in range(_TRIES):
            try:
                with self._worker() as worker:
                    return use(worker)
            except WorkerDied as death:
                last = death
        raise WorkerDied(
            f"the sandbox's worker process was lost {_TRIES} times; the last time {last}{allowed()}"
        )

    def _of_killer(self, candidate: Candidate, reason: str) -> Verdict:
        """Return the verdict on a candidate whose workers died: its own doing, if it is the only one."""
        if candidate == HARMLESS or not self._spares_the_harmless():
            return Verdict(Outcome.INFRA_ERROR, reason)
        return Verdict(Outcome.CRASHED, f"it took the sandbox's worker process along, {_TRIES} times")

    def _judged_again(self, candidate: Candidate) -> Verdict:
        """Judge a candidate whose end may be the fault of a busy machine, now that nothing else runs."""
        kills = oom_kills()
        for _ in range(_TRIES - 1):
            verdict = self._judged(candidate).verdict
            if not was_killed(verdict):
                return verdict
        return self._of_killed(verdict, oom_kills() - kills)

    def _of_killed(self, verdict: Verdict, oom_kills: int) -> Verdict:
        """Return the verdict on a candidate that a signal ended each time, maybe one of its own."""
        trouble = None
        if oom_kills >= _TRIES - 1:
            trouble = f"the kernel's OOM killer ended it, {_TRIES} times: the machine's memory is full"
        elif not self._spares_the_harmless():
            trouble = "something outside the sandbox kills candidates, harmless ones too"
        if trouble:
            return Verdict(Outcome.INFRA_ERROR, trouble)
        return replace(verdict, message=f"{verdict.message}, {_TRIES} times of {_TRIES}")

    def _spares_the_harmless(self) -> bool:
        return self._judged(HARMLESS).verdict.outcome is Outcome.PASSED

    @contextmanager
    def _worker(self) -> Iterator[Worker]:
        worker = self._taken()
        try:
            yield worker
        except BaseException:
            worker.stop()
            worker.close()
            raise
        else:
            self._idle.append(worker)
        finally:
            self._busy.discard(worker)
            if self._closed:
                self._close_idle()

    def _taken(self) -> Worker:
        if self._closed:
            raise SandboxError("the sandbox is closed")
        try:
            worker = self._idle.pop()
        except IndexError:
            worker = Worker(self._settings)
        self._busy.add(worker)
        if self._closed:  # meanwhile, by another thread that did not see this worker
            worker.stop()
        return worker

    @contextmanager
    def _no_others(self) -> Iterator[None]:
        with self._alone:
            for _ in range(self._jobs):
                self._cores.acquire()
            try:
                yield
            finally:
                self._cores.release(self._jobs)

    def _close_idle(self) -> None:
        for worker in list(self._idle):
            worker.leave()
        while self._idle:
            self._idle.pop().close()

    def close(self) -> None:
        """End every process and remove every file; candidates that are running get no verdict."""
        self._closed = True
        for worker in list(self._busy):
            worker.stop()
        self._close_idle()

    def __enter__(self) -> PooledSandbox:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Core:
    """The right to use a core, which is given back once."""

    def __init__(self, cores: threading.Semaphore) -> None:
        self._cores = cores
        self._held = True
        cores.acquire()

    def release(self) -> None:
        """Give it back, if it has not been."""
        if self._held:
            self._held = False
            self._cores.release()
