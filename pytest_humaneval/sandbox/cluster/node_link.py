"""The host's end of one node of a Ray cluster."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from pytest_humaneval.core.errors import SandboxError
from pytest_humaneval.sandbox.cluster.candidate_queue import Ticket, WaitingRoom
from pytest_humaneval.sandbox.cluster.node import NodeJudge

IN_HAND_PER_JOB = 32
"""Candidates on a node for each job: those that run, those that sleep, those judged during one call."""
CLOSING_S = 10.0


class NodeLink:
    """A thread that lets one node judge what waits, until the node is lost or nothing waits any more.

    Args:
        ray: the package, connected.
        node_id: the node's, in Ray's words.
        jobs: how many candidates use a core at once there; as many of its CPUs are reserved.
        judge: makes the node's ``NodeJudge``, there.
        waiting: what is to be judged.
        on_change: called when ``layers`` is known, and at the end.

    Attributes:
        layers: the node's layers of isolation, once they are known.
        unfit: why the node cannot judge, if it cannot.
        failure: why nothing came of it this time, where another try may help.
    """

    def __init__(
        self,
        ray: Any,
        node_id: str,
        jobs: int,
        judge: Any,
        waiting: WaitingRoom,
        on_change: Callable[[], None],
    ) -> None:
        self._ray, self._jobs, self._judge = ray, jobs, judge
        self._waiting, self._on_change = waiting, on_change
        self._in_hand: dict[int, Ticket] = {}
        self._handed = 0
        self.layers: dict[str, str] | None = None
        self.unfit: str | None = None
        self.failure: str | None = None
        self._thread = threading.Thread(target=self._serve, name=f"humaneval-ray-{node_id[:8]}", daemon=True)
        self._thread.start()

    @property
    def is_over(self) -> bool:
        """Whether the node judges no more."""
        return not self._thread.is_alive()

    def close(self) -> None:
        """End the node's processes; the waiting room is closed already."""
        if self.layers is None:  # it may wait for CPUs that others use
            self._kill()
        self._thread.join(CLOSING_S)
        if not self.is_over:
            self._kill()

    def _serve(self) -> None:
        try:
            self.layers = self._ray.get(self._judge.open.remote())
            self._on_change()
            while (tickets := self._taken()) is not None:
                self._exchange(tickets)
            self._ray.get(self._judge.close.remote(), timeout=CLOSING_S)
        except SandboxError as error:
            self.unfit = str(error)
        except Exception as error:  # Ray raises what a node raised, its own errors, and its client's
            if self.layers is None:
                self.failure = str(error).strip().rpartition("\n")[2]
        finally:
            self._waiting.give_back(self._in_hand.values())
            self._kill()
            self._on_change()

    def _taken(self) -> list[Ticket] | None:
        room = self._jobs * IN_HAND_PER_JOB - len(self._in_hand)
        return self._waiting.take(room, wait=not self._in_hand)

    def _exchange(self, tickets: list[Ticket]) -> None:
        batch = []
        for ticket in tickets:
            self._handed += 1
            self._in_hand[self._handed] = ticket
            batch.append((self._handed, ticket.candidate))
        for number, verdict in self._ray.get(self._judge.exchange.remote(batch)):
            self._in_hand.pop(number).settle(verdict)

    def _kill(self) -> None:
        with suppress(Exception):  # it may be gone, and the connection too
            self._ray.kill(self._judge)


def judge_on(ray: Any, node_id: str, jobs: int, *asked: Any) -> Any:
    """Return a ``NodeJudge`` in a process of that node, started when the node has ``jobs`` CPUs free."""
    strategy = ray.util.scheduling_strategies.NodeAffinitySchedulingStrategy(node_id, soft=False)
    remote = ray.remote(num_cpus=jobs, max_restarts=0, scheduling_strategy=strategy)(NodeJudge)
    return remote.remote(*asked)
