"""The candidates that wait for a place on some node, and the callers that wait for their verdicts."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress

from pytest_humaneval.core.errors import SandboxError
from pytest_humaneval.core.records import Candidate, Outcome, Verdict

MOST_LOSSES = 3


class Ticket:
    """A candidate on its way.

    Attributes:
        candidate: to be judged.
        verdict: what its caller waits for.
        losses: how many nodes were lost that had it in hand.
    """

    def __init__(self, candidate: Candidate) -> None:
        self.candidate = candidate
        self.verdict: Future[Verdict] = Future()
        self.losses = 0

    def settle(self, verdict: Verdict) -> None:
        """Give the caller the verdict, unless it has been given up."""
        with suppress(InvalidStateError):
            self.verdict.set_result(verdict)


class WaitingRoom:
    """First come, first served, for the threads of all nodes; what a lost node had comes first again."""

    def __init__(self) -> None:
        self._tickets: deque[Ticket] = deque()
        self._unsettled: set[Ticket] = set()
        self._changed = threading.Condition()
        self._closed = False

    def judged(self, candidate: Candidate) -> Verdict:
        """Return the candidate's verdict, once a node has made it.

        Raises:
            SandboxError: the room was closed, or all callers were turned away.
        """
        ticket = Ticket(candidate)
        with self._changed:
            if self._closed:
                raise SandboxError("the sandbox is closed")
            self._tickets.append(ticket)
            self._unsettled.add(ticket)
            self._changed.notify()
        try:
            return ticket.verdict.result()
        finally:
            with self._changed:
                self._unsettled.discard(ticket)

    def take(self, room: int, wait: bool) -> list[Ticket] | None:
        """Return up to ``room`` tickets: if asked to wait, at least one. None once the room is closed."""
        with self._changed:
            while wait and not self._tickets and not self._closed:
                self._changed.wait()
            if self._closed:
                return None
            return [self._tickets.popleft() for _ in range(min(room, len(self._tickets)))]

    def give_back(self, tickets: Iterable[Ticket]) -> None:
        """Let others judge what a lost node had in hand; what several were lost with has no verdict."""
        for ticket in tickets:
            ticket.losses += 1
            if ticket.losses < MOST_LOSSES:
                with self._changed:
                    self._tickets.appendleft(ticket)
                    self._changed.notify()
            else:
                ticket.settle(
                    Verdict(Outcome.INFRA_ERROR, f"{MOST_LOSSES} nodes were lost while they ran it")
                )

    def turn_away(self, reason: str) -> None:
        """Tell every caller that there will be no verdict."""
        with self._changed:
            unsettled = list(self._unsettled)
            self._tickets.clear()
        for ticket in unsettled:
            with suppress(InvalidStateError):
                ticket.verdict.set_exception(SandboxError(reason))

    def close(self) -> None:
        """Turn everybody away, now and from now on."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self.turn_away("the sandbox is closed")
