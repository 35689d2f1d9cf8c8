"""The driver's connection to one node of a Ray cluster: a thread that feeds the node from the queue."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from pytest_humaneval.core.errors import SandboxError
from pytest_humaneval.sandbox.cluster.candidate_queue import CandidateQueue, QueuedCandidate
from pytest_humaneval.sandbox.cluster.node import NodeJudge

# How many candidates a node holds for each job: running ones, sleeping ones, and those that it judges while
# one call travels.
IN_HAND_PER_JOB = 32
CLOSE_TIMEOUT_S = 10.0


class NodeLink:
    """A thread that has one node judge candidates of the queue, until the node is lost or the queue closed.

    Args:
        ray: the package, connected.
        node_id: Ray's id of the node.
        jobs: how many candidates use a core at once there; as many of its CPUs are reserved.
        judge: Ray's handle of the node's ``NodeJudge``.
        candidates: the queue to take candidates from.
        on_change: called when ``layers`` is known, and when the thread ends.

    Attributes:
        layers: the node's layers of isolation, once they are known.
        unfit: why the node cannot judge, if it never can.
        failure: why the node's ``NodeJudge`` did not start, where another try may help.
    """

    def __init__(
        self,
        ray: Any,
        node_id: str,
        jobs: int,
        judge: Any,
        candidates: CandidateQueue,
        on_change: Callable[[], None],
    ) -> None:
        self._ray, self._jobs, self._judge = ray, jobs, judge
        self._candidates, self._on_change = candidates, on_change
        self._in_hand: dict[int, QueuedCandidate] = {}
        self._last_number = 0
        self.layers: dict[str, str] | None = None
        self.unfit: str | None = None
        self.failure: str | None = None
        self._thread = threading.Thread(target=self._serve, name=f"humaneval-ray-{node_id[:8]}", daemon=True)
        self._thread.start()

    @property
    def is_over(self) -> bool:
        """Whether the thread has ended, and the node judges no more."""
        return not self._thread.is_alive()

    def close(self) -> None:
        """End the node's processes; to be called after the queue was closed."""
        # An actor that waits for CPUs which others use has not started, and would not answer in time.
        if self.layers is None:
            self._kill()
        self._thread.join(CLOSE_TIMEOUT_S)
        if not self.is_over:
            self._kill()

    def _serve(self) -> None:
        try:
            self.layers = self._ray.get(self._judge.open.remote())
            self._on_change()
            while (taken := self._take()) is not None:
                self._exchange(taken)
            self._ray.get(self._judge.close.remote(), timeout=CLOSE_TIMEOUT_S)
        except SandboxError as error:
            self.unfit = str(error)
        # No common base class: what the node raised, Ray's own errors, its client's and gRPC's.
        except Exception as error:
            if self.layers is None:
                self.failure = str(error).strip().rpartition("\n")[2]
        finally:
            self._candidates.put_back(self._in_hand.values())
            self._kill()
            self._on_change()

    def _take(self) -> list[QueuedCandidate] | None:
        free = self._jobs * IN_HAND_PER_JOB - len(self._in_hand)
        # With candidates in hand, verdicts have to be fetched: then nothing new is waited for.
        return self._candidates.take(free, wait=not self._in_hand)

    def _exchange(self, taken: list[QueuedCandidate]) -> None:
        batch = []
        for queued in taken:
            self._last_number += 1
            self._in_hand[self._last_number] = queued
            batch.append((self._last_number, queued.candidate))
        for number, verdict in self._ray.get(self._judge.exchange.remote(batch)):
            self._in_hand.pop(number).set_verdict(verdict)

    def _kill(self) -> None:
        # The actor may be gone, and the connection too.
        with suppress(Exception):
            self._ray.kill(self._judge)


def judge_on(ray: Any, node_id: str, jobs: int, *arguments: Any) -> Any:
    """Return Ray's handle of a ``NodeJudge`` on that node, started once ``jobs`` of its CPUs are free.

    Args:
        ray: the package, connected.
        node_id: Ray's id of the node.
        jobs: how many CPUs to reserve.
        arguments: those of ``NodeJudge``.
    """
    # Not "soft": on another node the actor would take that node's CPUs from the link that is its own.
    strategy = ray.util.scheduling_strategies.NodeAffinitySchedulingStrategy(node_id, soft=False)
    # No restarts: a restarted actor has lost its candidates, which the queue must give out again.
    actor_class = ray.remote(num_cpus=jobs, max_restarts=0, scheduling_strategy=strategy)(NodeJudge)
    return actor_class.remote(*arguments)
