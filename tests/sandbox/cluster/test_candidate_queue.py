"""Candidates that wait for a node, and get one, or another, or none."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from pytest_humaneval.core.errors import SandboxError
from pytest_humaneval.core.records import Candidate, Outcome, Verdict
from pytest_humaneval.sandbox.cluster.candidate_queue import MOST_LOSSES, Ticket, WaitingRoom

DEADLINE_S = 60
PASSED = Verdict(Outcome.PASSED)


def candidate(number: int) -> Candidate:
    """Return one of several candidates."""
    return Candidate(f"def f(): return {number}", "f", "", "")


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    """Callers."""
    with ThreadPoolExecutor(3) as pool:
        yield pool


@pytest.fixture
def waiting() -> Iterator[WaitingRoom]:
    """A room, closed at the end, so that no caller waits for ever."""
    room = WaitingRoom()
    yield room
    room.close()


def taken(waiting: WaitingRoom, room: int) -> list[Ticket]:
    """Take what waits, as a node does that has nothing in hand."""
    tickets = waiting.take(room, wait=True)
    assert tickets is not None
    return tickets


def asked(threads: ThreadPoolExecutor, waiting: WaitingRoom, number: int) -> Future[Verdict]:
    """Ask for a verdict in a thread of its own."""
    return threads.submit(waiting.judged, candidate(number))


def test_a_node_takes_no_more_than_it_has_room_for(threads: ThreadPoolExecutor, waiting: WaitingRoom) -> None:
    """What is too much for one node stays for the others; each is judged once."""
    verdicts = [asked(threads, waiting, number) for number in range(3)]
    found: list[Candidate] = []
    while len(found) < 3:
        tickets = taken(waiting, 1)
        found += [ticket.candidate for ticket in tickets]
        assert len(tickets) == 1
        tickets[0].settle(PASSED)

    assert sorted(found, key=str) == [candidate(number) for number in range(3)]
    assert [verdict.result(DEADLINE_S) for verdict in verdicts] == [PASSED] * 3


def test_what_a_lost_node_had_goes_first(threads: ThreadPoolExecutor, waiting: WaitingRoom) -> None:
    """A candidate that has waited for a lost node does not queue up again behind all others."""
    first = asked(threads, waiting, 1)
    lost = taken(waiting, 1)
    second = asked(threads, waiting, 2)
    [later] = taken(waiting, 1)
    waiting.give_back([later])
    waiting.give_back(lost)

    assert [ticket.candidate for ticket in taken(waiting, 1)] == [candidate(1)]
    assert not first.done()
    assert not second.done()


def test_what_nodes_are_lost_with_again_and_again_has_no_verdict(
    threads: ThreadPoolExecutor, waiting: WaitingRoom
) -> None:
    """A candidate is not tried for ever, and is not scored."""
    verdict = asked(threads, waiting, 1)
    for _ in range(MOST_LOSSES):
        waiting.give_back(taken(waiting, 1))

    assert verdict.result(DEADLINE_S).outcome == "infra_error"


def test_turned_away_callers_are_told_why(threads: ThreadPoolExecutor, waiting: WaitingRoom) -> None:
    """Also those whose candidate a node has in hand, whose verdict then comes too late."""
    verdict = asked(threads, waiting, 1)
    [ticket] = taken(waiting, 1)
    waiting.turn_away("no node is left")
    ticket.settle(PASSED)

    with pytest.raises(SandboxError, match="no node is left"):
        verdict.result(DEADLINE_S)


def test_a_closed_room_has_nothing_for_nodes(waiting: WaitingRoom) -> None:
    """Nodes that wait for work are sent home."""
    waiting.close()

    assert waiting.take(1, wait=True) is None
