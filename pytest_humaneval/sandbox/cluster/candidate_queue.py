"""A queue of candidates that all nodes take from, and the futures that their callers wait on."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress

from pytest_humaneval.core.errors import SandboxError
from pytest_humaneval.core.records import Candidate, Outcome, Verdict

MAX_LOST_NODES = 3


class QueuedCandidate:
    """A candidate and the verdict that its caller waits for.

    Attributes:
        candidate: to be judged.
        verdict: done once a node has judged the candidate, or nobody can.
        lost_nodes: how many nodes were lost while they had the candidate.
    """

    def __init__(self, candidate: Candidate) -> None:
        self.candidate = candidate
        self.verdict: Future[Verdict] = Future()
        self.lost_nodes = 0

    def set_verdict(self, verdict: Verdict) -> None:
        """Give the caller the verdict, unless ``CandidateQueue.fail_all`` has failed it before."""
        with suppress(InvalidStateError):
            self.verdict.set_result(verdict)


class CandidateQueue:
    """A first-in, first-out queue for several nodes; candidates of a lost node go to its front."""

    def __init__(self) -> None:
        self._waiting: deque[QueuedCandidate] = deque()
        # Also those that a node has taken: their callers have to be released when everything fails.
        self._unfinished: set[QueuedCandidate] = set()
        self._changed = threading.Condition()
        self._closed = False

    def judge(self, candidate: Candidate) -> Verdict:
        """Queue a candidate and return the verdict that a node gives; blocks until then.

        Raises:
            SandboxError: the queue was closed, or ``fail_all`` was called.
        """
        queued = QueuedCandidate(candidate)
        with self._changed:
            if self._closed:
                raise SandboxError("the sandbox is closed")
            self._waiting.append(queued)
            self._unfinished.add(queued)
            self._changed.notify()
        try:
            return queued.verdict.result()
        finally:
            with self._changed:
                self._unfinished.discard(queued)

    def take(self, most: int, wait: bool) -> list[QueuedCandidate] | None:
        """Take candidates off the front.

        Args:
            most: how many to return at most.
            wait: block until there is at least one.

        Returns:
            The candidates, possibly none without ``wait``; None once the queue is closed.
        """
        with self._changed:
            while wait and not self._waiting and not self._closed:
                self._changed.wait()
            if self._closed:
                return None
            return [self._waiting.popleft() for _ in range(min(most, len(self._waiting)))]

    def put_back(self, taken: Iterable[QueuedCandidate]) -> None:
        """Return the candidates of a lost node to the front of the queue.

        A candidate that was lost with ``MAX_LOST_NODES`` nodes gets an ``infra_error`` verdict instead.
        """
        for queued in taken:
            queued.lost_nodes += 1
            if queued.lost_nodes < MAX_LOST_NODES:
                with self._changed:
                    self._waiting.appendleft(queued)
                    self._changed.notify()
            else:
                # The candidate may be what brings the nodes down, but that is not known: no wrong answer.
                queued.set_verdict(
                    Verdict(Outcome.INFRA_ERROR, f"{MAX_LOST_NODES} nodes were lost while they ran it")
                )

    def fail_all(self, reason: str) -> None:
        """Make every pending ``judge`` call raise ``SandboxError(reason)``."""
        with self._changed:
            unfinished = list(self._unfinished)
            self._waiting.clear()
        for queued in unfinished:
            with suppress(InvalidStateError):
                queued.verdict.set_exception(SandboxError(reason))

    def close(self) -> None:
        """Fail all pending calls of ``judge``, and every later one."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self.fail_all("the sandbox is closed")
