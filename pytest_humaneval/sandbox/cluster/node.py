"""The Ray actor that judges on one node: takes batches of candidates, returns verdicts as they are ready."""

from __future__ import annotations

import queue
import time
from concurrent.futures import ThreadPoolExecutor

from pytest_humaneval.core.errors import SandboxError
from pytest_humaneval.core.records import Candidate, Limits, Outcome, Verdict
from pytest_humaneval.sandbox.local import open_local
from pytest_humaneval.sandbox.pool import IDLE_PER_JOB, PooledSandbox

# How long a verdict may wait for others to travel with: a call costs about half as much as a candidate.
BATCH_WAIT_S = 0.02

NumberedCandidates = list[tuple[int, Candidate]]
NumberedVerdicts = list[tuple[int, Verdict]]


class NodeJudge:
    """Judges batches in a local fork server; Ray calls its methods one at a time.

    Args:
        limits: what one candidate may use.
        jobs: how many candidates run at once.
        isolation: as in ``open_sandbox``.
    """

    def __init__(self, limits: Limits, jobs: int, isolation: str) -> None:
        self._sandbox_arguments = limits, jobs, "forkserver", isolation
        self._threads = ThreadPoolExecutor(jobs * IDLE_PER_JOB)
        self._finished: queue.SimpleQueue[tuple[int, Verdict]] = queue.SimpleQueue()
        self._sandbox: PooledSandbox | None = None
        self._pending = 0

    def open(self) -> dict[str, str]:
        """Start the sandbox and return its layers; see ``OpenedSandbox.layers``.

        Raises:
            SandboxError: no process can be started, or a layer is missing that "strict" asks for.
        """
        # Not in __init__: what a method raises keeps its type for the caller (RayTaskError derives from it),
        # what a constructor raises arrives as ActorDiedError.
        self._sandbox = open_local(*self._sandbox_arguments)
        return self._sandbox.layers()

    def exchange(self, batch: NumberedCandidates) -> NumberedVerdicts:
        """Start judging a batch; return the verdicts that are ready, of this batch or an earlier one.

        Waits at most ``BATCH_WAIT_S`` seconds, and less if nothing is pending any more.
        """
        for number, candidate in batch:
            self._threads.submit(self._judge, number, candidate)
        self._pending += len(batch)
        judged: NumberedVerdicts = []
        deadline_s = time.monotonic() + BATCH_WAIT_S
        while len(judged) < self._pending:
            try:
                judged.append(self._finished.get(timeout=max(deadline_s - time.monotonic(), 0)))
            except queue.Empty:
                break
        self._pending -= len(judged)
        return judged

    def _judge(self, number: int, candidate: Candidate) -> None:
        assert self._sandbox is not None  # noqa: S101 -- it is opened before the first batch
        try:
            verdict = self._sandbox.run(candidate)
        except SandboxError as error:
            verdict = Verdict(Outcome.INFRA_ERROR, str(error))
        self._finished.put((number, verdict))

    def close(self) -> None:
        """End every process; candidates that are running get no verdict."""
        if self._sandbox is not None:
            self._sandbox.close()
        self._threads.shutdown(cancel_futures=True)
