"""A pool of worker processes, with retries for what was lost, killed or timed out on a busy machine."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TypeVar

from pytest_humaneval.core.errors import SandboxError
from pytest_humaneval.core.records import Candidate, Outcome, Verdict
from pytest_humaneval.sandbox.outside_kills import count_oom_kills, may_be_outside_kill
from pytest_humaneval.sandbox.probe import HARMLESS_CANDIDATE
from pytest_humaneval.sandbox.runtime.isolation.settings import WorkerSettings
from pytest_humaneval.sandbox.shell_limits import blame_shell_limit, describe_tight_limits
from pytest_humaneval.sandbox.worker_process import WorkerAnswer, WorkerDied, WorkerProcess

T = TypeVar("T")

# How many candidates each job may have in hand, while all but one of them wait without using a core.
IDLE_PER_JOB = 8
_ATTEMPTS = 3


class PooledSandbox:
    """Judges candidates in worker processes, each started when it is first needed and then kept.

    Args:
        settings: how a worker runs its candidates.
        jobs: how many candidates use a core at once. One that waits without using its core lets another
            run beside it, up to ``IDLE_PER_JOB`` for each job, if enough threads call ``run``.
    """

    def __init__(self, settings: WorkerSettings, jobs: int) -> None:
        self._settings = settings
        self._jobs = jobs
        self._cores = threading.Semaphore(jobs)
        self._slots = threading.Semaphore(jobs * IDLE_PER_JOB)
        self._exclusive_lock = threading.Lock()
        self._idle: list[WorkerProcess] = []
        self._busy: set[WorkerProcess] = set()
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
        verdict = self._judged(candidate)
        # None judged by the worker, such as one of a candidate with which every worker died.
        if candidate.cases and candidate.cases.plus and verdict.base_outcome is None:
            return replace(verdict, base_outcome=verdict.outcome)
        return verdict

    def _judged(self, candidate: Candidate) -> Verdict:
        with self._slots:
            # A candidate that slept shared the memory with others. It may have needed all of it.
            answer = self._run_once(candidate)
            if answer.doubtful and answer.verdict.outcome is Outcome.MEMORY:
                answer = self._run_once(candidate, keeps_core=True)
        # A timeout that queueing for a core may have caused, or a kill that may have come from outside: both
        # are judged again while nothing else runs, so that only the candidate itself can bring them about.
        if answer.doubtful or may_be_outside_kill(answer.verdict):
            with self._exclusively():
                return self._judge_alone(candidate)
        return answer.verdict

    def layers(self) -> dict[str, str]:
        """Return the layers of isolation: why one is missing, under its name; empty where it is in use.

        Raises:
            SandboxError: no process can be started, or the sandbox was closed.
        """
        return self._with_worker(lambda worker: worker.layers)

    def _run_once(self, candidate: Candidate, *, keeps_core: bool = False) -> WorkerAnswer:
        core = _Core(self._cores)
        try:
            return self._judge(candidate, None if keeps_core else core.release)
        finally:
            core.release()

    def _judge(self, candidate: Candidate, on_idle: Callable[[], None] | None = None) -> WorkerAnswer:
        try:
            answer = self._with_worker(lambda worker: worker.judge(candidate, on_idle))
        except WorkerDied as death:
            return WorkerAnswer(self._verdict_after_worker_deaths(candidate, str(death)), doubtful=False)
        settings = self._settings
        timeout_s = (
            (settings.cases_timeout_s or settings.timeout_s) if candidate.cases else settings.timeout_s
        )
        return answer._replace(verdict=blame_shell_limit(answer.verdict, timeout_s))

    def _with_worker(self, use: Callable[[WorkerProcess], T]) -> T:
        """Return ``use(worker)`` for an idle or new worker, and again for another one if it dies.

        Raises:
            WorkerDied: ``_ATTEMPTS`` workers died.
            SandboxError: no process can be started, or the sandbox was closed.
        """
        for _ in range(_ATTEMPTS):
            try:
                with self._checked_out_worker() as worker:
                    return use(worker)
            except WorkerDied as death:
                last = death
        raise WorkerDied(
            f"the sandbox's worker process was lost {_ATTEMPTS} times; "
            f"the last time {last}{describe_tight_limits()}"
        )

    def _verdict_after_worker_deaths(self, candidate: Candidate, reason: str) -> Verdict:
        """Return the verdict on a candidate whose workers all died.

        It is the candidate's fault only if the harmless candidate passes: then workers live in general.
        """
        if candidate == HARMLESS_CANDIDATE or not self._harmless_candidate_passes():
            return Verdict(Outcome.INFRA_ERROR, reason)
        return Verdict(Outcome.CRASHED, f"the sandbox's worker process died with it, {_ATTEMPTS} times")

    def _judge_alone(self, candidate: Candidate) -> Verdict:
        """Judge a candidate again while no other one runs, up to twice if it is killed each time."""
        kills = count_oom_kills()
        for _ in range(_ATTEMPTS - 1):
            verdict = self._judge(candidate).verdict
            if not may_be_outside_kill(verdict):
                return verdict
        return self._verdict_after_kills(verdict, count_oom_kills() - kills)

    def _verdict_after_kills(self, verdict: Verdict, oom_kills: int) -> Verdict:
        """Return the verdict on a candidate that was killed in every attempt.

        Args:
            verdict: of the last attempt.
            oom_kills: how many processes of the machine the OOM killer ended during the attempts alone.
        """
        trouble = None
        if oom_kills >= _ATTEMPTS - 1:
            trouble = f"the kernel's OOM killer ended it, {_ATTEMPTS} times: the machine's memory is full"
        elif not self._harmless_candidate_passes():
            trouble = "something outside the sandbox kills candidates, harmless ones too"
        if trouble:
            return Verdict(Outcome.INFRA_ERROR, trouble)
        return replace(verdict, message=f"{verdict.message}, {_ATTEMPTS} times of {_ATTEMPTS}")

    def _harmless_candidate_passes(self) -> bool:
        return self._judge(HARMLESS_CANDIDATE).verdict.outcome is Outcome.PASSED

    @contextmanager
    def _checked_out_worker(self) -> Iterator[WorkerProcess]:
        worker = self._take_worker()
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

    def _take_worker(self) -> WorkerProcess:
        if self._closed:
            raise SandboxError("the sandbox is closed")
        try:
            worker = self._idle.pop()
        except IndexError:
            worker = WorkerProcess(self._settings)
        self._busy.add(worker)
        # Another thread may have closed the sandbox meanwhile, without seeing this worker among the busy
        # ones.
        if self._closed:
            worker.stop()
        return worker

    @contextmanager
    def _exclusively(self) -> Iterator[None]:
        """Hold all cores, so that no other candidate is judged meanwhile."""
        # Two threads that each held some of the cores would wait for each other for ever.
        with self._exclusive_lock:
            for _ in range(self._jobs):
                self._cores.acquire()
            try:
                yield
            finally:
                self._cores.release(self._jobs)

    def _close_idle(self) -> None:
        # All are asked to end before the first is awaited: they end side by side.
        for worker in list(self._idle):
            worker.request_end()
        while self._idle:
            self._idle.pop().close()

    def close(self) -> None:
        """End every process and remove every file; candidates that are running get no verdict."""
        # First: a worker that becomes free from now on is closed by its own thread.
        self._closed = True
        for worker in list(self._busy):
            worker.stop()
        self._close_idle()

    def abandon(self) -> None:
        """Release what a forked process has inherited; its parent goes on judging."""
        for worker in (*self._idle, *self._busy):
            worker.abandon()

    def __enter__(self) -> PooledSandbox:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Core:
    """The right to use a core, acquired when made and released at most once."""

    def __init__(self, cores: threading.Semaphore) -> None:
        self._cores = cores
        self._held = True
        cores.acquire()

    def release(self) -> None:
        """Release the core, unless that was done before: when the candidate became idle, or at its end."""
        if self._held:
            self._held = False
            self._cores.release()
