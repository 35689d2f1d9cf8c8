"""The queue between callers and nodes: order, lost nodes, and its end."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from pytest_humaneval.core.errors import SandboxError
from pytest_humaneval.core.records import Candidate, Outcome, Verdict
from pytest_humaneval.sandbox.cluster.candidate_queue import MAX_LOST_NODES, CandidateQueue, QueuedCandidate

DEADLINE_S = 60
PASSED = Verdict(Outcome.PASSED)


def candidate(number: int) -> Candidate:
    """Return one of several candidates."""
    return Candidate(f"def f(): return {number}", "f", "", "")


@pytest.fixture
def threads() -> Iterator[ThreadPoolExecutor]:
    """Threads for the callers, which block until there is a verdict."""
    with ThreadPoolExecutor(3) as pool:
        yield pool


@pytest.fixture
def candidates() -> Iterator[CandidateQueue]:
    """A queue, closed at the end, so that no caller waits for ever."""
    queue = CandidateQueue()
    yield queue
    queue.close()


def take(candidates: CandidateQueue, most: int) -> list[QueuedCandidate]:
    """Take candidates as a node does that has none: block until there is one."""
    taken = candidates.take(most, wait=True)
    assert taken is not None
    return taken


def submit(threads: ThreadPoolExecutor, candidates: CandidateQueue, number: int) -> Future[Verdict]:
    """Ask for a verdict in another thread."""
    return threads.submit(candidates.judge, candidate(number))


def test_a_node_takes_no_more_than_it_asked_for(
    threads: ThreadPoolExecutor, candidates: CandidateQueue
) -> None:
    """What is too much for one node stays for the others; each is judged once."""
    verdicts = [submit(threads, candidates, number) for number in range(3)]
    found: list[Candidate] = []
    while len(found) < 3:
        taken = take(candidates, 1)
        found += [queued.candidate for queued in taken]
        assert len(taken) == 1
        taken[0].set_verdict(PASSED)

    assert sorted(found, key=str) == [candidate(number) for number in range(3)]
    assert [verdict.result(DEADLINE_S) for verdict in verdicts] == [PASSED] * 3


def test_the_candidates_of_a_lost_node_go_first(
    threads: ThreadPoolExecutor, candidates: CandidateQueue
) -> None:
    """A candidate that has waited for a lost node does not queue up again behind all others."""
    first = submit(threads, candidates, 1)
    lost = take(candidates, 1)
    second = submit(threads, candidates, 2)
    [later] = take(candidates, 1)
    candidates.put_back([later])
    candidates.put_back(lost)

    assert [queued.candidate for queued in take(candidates, 1)] == [candidate(1)]
    assert not first.done()
    assert not second.done()


def test_a_candidate_that_is_lost_with_several_nodes_gets_no_verdict(
    threads: ThreadPoolExecutor, candidates: CandidateQueue
) -> None:
    """A candidate is not tried for ever, and is not scored."""
    verdict = submit(threads, candidates, 1)
    for _ in range(MAX_LOST_NODES):
        candidates.put_back(take(candidates, 1))

    assert verdict.result(DEADLINE_S).outcome == "infra_error"


def test_failing_all_raises_the_reason_for_every_caller(
    threads: ThreadPoolExecutor, candidates: CandidateQueue
) -> None:
    """Also for those whose candidate a node has taken; its verdict then comes too late."""
    verdict = submit(threads, candidates, 1)
    [queued] = take(candidates, 1)
    candidates.fail_all("no node is left")
    queued.set_verdict(PASSED)

    with pytest.raises(SandboxError, match="no node is left"):
        verdict.result(DEADLINE_S)


def test_a_closed_queue_has_nothing_for_nodes(candidates: CandidateQueue) -> None:
    """A node that waits for work gets None instead of waiting on."""
    candidates.close()

    assert candidates.take(1, wait=True) is None
