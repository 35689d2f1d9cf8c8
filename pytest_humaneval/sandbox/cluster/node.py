"""One node's part in judging on a cluster: it takes batches and gives verdicts as they are ready."""

from __future__ import annotations

import queue
import time
from concurrent.futures import ThreadPoolExecutor

from pytest_humaneval.core.errors import SandboxError
from pytest_humaneval.core.records import Candidate, Limits, Outcome, Verdict
from pytest_humaneval.sandbox.local import open_local
from pytest_humaneval.sandbox.pool import IDLE_PER_JOB, PooledSandbox

LINGER_S = 0.02
"""How long verdicts may wait for company: a call costs about as much as half a candidate."""

Numbered = list[tuple[int, Candidate]]
Judged = list[tuple[int, Verdict]]


class NodeJudge:
    """Judges batches in a fork server of this machine's own; its methods are called one at a time.

    Args:
        limits: what one candidate may use.
        jobs: how many candidates run at once.
        isolation: as in ``open_sandbox``.
    """

    def __init__(self, limits: Limits, jobs: int, isolation: str) -> None:
        self._asked = limits, jobs, "forkserver", isolation
        self._threads = ThreadPoolExecutor(jobs * IDLE_PER_JOB)
        self._finished: queue.SimpleQueue[tuple[int, Verdict]] = queue.SimpleQueue()
        self._sandbox: PooledSandbox | None = None
        self._in_hand = 0

    def open(self) -> dict[str, str]:
        """Start the sandbox and return its layers; see ``OpenedSandbox.layers``.

        Raises:
            SandboxError: no process can be started, or a layer is missing that "strict" asks for.
        """
        self._sandbox = open_local(*self._asked)
        return self._sandbox.layers()

    def exchange(self, batch: Numbered) -> Judged:
        """Take a batch; return what is judged by now, of this batch or an earlier one.

        Waits ``LINGER_S`` seconds, or less where everything is judged before.
        """
        for number, candidate in batch:
            self._threads.submit(self._judge, number, candidate)
        self._in_hand += len(batch)
        judged: Judged = []
        deadline_s = time.monotonic() + LINGER_S
        while len(judged) < self._in_hand:
            try:
                judged.append(self._finished.get(timeout=max(deadline_s - time.monotonic(), 0)))
            except queue.Empty:
                break
        self._in_hand -= len(judged)
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
