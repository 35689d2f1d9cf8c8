"""Execution in the background: equal programs once, and an end that waits for nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event

from pytest_humaneval.core.candidate import assemble
from pytest_humaneval.core.records import (
    Candidate,
    Completion,
    Draw,
    NoCompletion,
    Outcome,
    Request,
    Sampling,
    Verdict,
)
from pytest_humaneval.evaluation.execution import Execution, OnceSandbox
from tests.support.records_made import problem

PASSED, LOST = Verdict(Outcome.PASSED), Verdict(Outcome.INFRA_ERROR)
REQUEST = Request("m", "completion", (), Sampling())


class CountingSandbox:
    """Counts what it is given; the edge of the world for these tests."""

    def __init__(self, give: Callable[[], Verdict]) -> None:
        self.given: Counter[Candidate] = Counter()
        self._give = give

    def run(self, candidate: Candidate) -> Verdict:
        """Count and answer."""
        self.given[candidate] += 1
        return self._give()

    def close(self) -> None:
        """Do nothing."""


def test_equal_candidates_are_executed_once() -> None:
    """Also where they come at the same time: the later ones wait for the first one's verdict."""
    sandbox = CountingSandbox(lambda: PASSED)
    once = OnceSandbox(sandbox)
    candidates = [assemble(problem(number), "x = 1") for number in (0, 1)] * 50

    with ThreadPoolExecutor(8) as threads:
        verdicts = list(threads.map(once.run, candidates))

    assert verdicts == [PASSED] * 100
    assert set(sandbox.given.values()) == {1}
    assert len(sandbox.given) == 2


def test_trouble_is_not_shared() -> None:
    """An infra_error says nothing of the program: the next equal one is tried again."""
    answers = iter([LOST, PASSED])
    once = OnceSandbox(CountingSandbox(lambda: next(answers)))
    candidate = assemble(problem(0), "x = 1")

    assert [once.run(candidate), once.run(candidate)] == [LOST, PASSED]


def test_whatever_is_submitted_is_judged_as_it_came() -> None:
    """Completions and failures, with all that is known of them."""
    judged: list[tuple[str, int, object]] = []
    done = Event()
    outcomes: list[Completion | NoCompletion] = [
        Completion("a\ud83d", "length", "raw", 1, 2),
        NoCompletion("why"),
    ]

    def judge(name: str, draw: Draw, completion: Completion | NoCompletion) -> None:
        judged.append((name, draw.sample_index, completion))
        if len(judged) == 2:
            done.set()

    execution = Execution(1, judge)
    for index, outcome in enumerate(outcomes):
        execution.submit("one", Draw("Test/0", index, REQUEST), outcome)

    assert done.wait(60)
    execution.close()
    assert judged == [("one", 0, outcomes[0]), ("one", 1, outcomes[1])]


def test_closing_leaves_the_rest() -> None:
    """What still waits is not judged any more."""
    judged: list[int] = []
    begun, go_on = Event(), Event()

    def judge(_name: str, draw: Draw, _completion: Completion | NoCompletion) -> None:
        judged.append(draw.sample_index)
        begun.set()
        go_on.wait(60)

    execution = Execution(1, judge)
    for index in range(3):
        execution.submit("one", Draw("Test/0", index, REQUEST), Completion(""))
    assert begun.wait(60)
    with ThreadPoolExecutor(1) as closer:
        closing = closer.submit(execution.close)
        while not execution.is_closed:
            pass
        go_on.set()
        closing.result(60)

    assert judged == [0]
