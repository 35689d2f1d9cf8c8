"""Execution in the background: equal programs once, and an end that waits for nothing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event

from pytest_humaneval.core.records import (
    Completion,
    Draw,
    DrawResult,
    NoCompletion,
    Outcome,
    Request,
    Sampling,
    Verdict,
)
from pytest_humaneval.evaluation.execution import Execution

PASSED, LOST = Verdict(Outcome.PASSED), Verdict(Outcome.INFRA_ERROR)
REQUEST = Request("m", "completion", (), Sampling())


def test_whatever_is_submitted_is_judged_as_it_came() -> None:
    """Completions and failures, with all that is known of them."""
    judged: list[tuple[str, int, object]] = []
    done = Event()
    outcomes: list[DrawResult] = [
        Completion("a\ud83d", "length", "raw", 1, 2),
        NoCompletion("why"),
    ]

    def judge(name: str, draw: Draw, completion: DrawResult) -> None:
        judged.append((name, draw.sample_index, completion))
        if len(judged) == 2:
            done.set()

    execution = Execution(1, judge)
    for index, outcome in enumerate(outcomes):
        execution.submit("one", Draw("Test/0", index, REQUEST), outcome)

    assert done.wait(60)
    execution.close()
    assert judged == [("one", 0, outcomes[0]), ("one", 1, outcomes[1])]


def test_a_call_comes_before_the_draws_that_wait() -> None:
    """What decides on the next request is not held up by verdicts that nobody waits for yet."""
    done: list[object] = []
    begun, go_on = Event(), Event()

    def judge(_name: str, draw: Draw, _completion: DrawResult) -> None:
        begun.set()
        go_on.wait(60)
        done.append(draw.sample_index)

    execution = Execution(1, judge)
    for index in range(3):
        execution.submit("one", Draw("Test/0", index, REQUEST), Completion(""))
    assert begun.wait(60)
    called = execution.call(lambda: list(done))
    go_on.set()

    assert called.result(60) == [0]
    execution.close()


def test_a_call_that_nobody_waits_for_any_more_is_left_out() -> None:
    """Cancelled before its turn, it is not made, and the thread goes on with the next."""
    go_on = Event()
    execution = Execution(1, lambda *_: None)
    first = execution.call(lambda: go_on.wait(60))
    cancelled = execution.call(lambda: 1)
    assert cancelled.cancel()
    go_on.set()

    assert first.result(60)
    assert execution.call(lambda: 2).result(60) == 2
    execution.close()


def test_closing_leaves_the_rest() -> None:
    """What still waits is not judged any more."""
    judged: list[int] = []
    begun, go_on = Event(), Event()

    def judge(_name: str, draw: Draw, _completion: DrawResult) -> None:
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


def test_what_takes_long_is_judged_before_what_has_come_earlier() -> None:
    """Among the draws that wait; the others keep their order."""
    judged: list[str] = []
    begun, go_on, done = Event(), Event(), Event()

    def judge(_name: str, draw: Draw, _completion: DrawResult) -> None:
        begun.set()
        go_on.wait(60)
        judged.append(draw.task_id)
        if draw.task_id == "last":
            done.set()

    execution = Execution(1, judge, {("one", "Test/2"): 3.0})
    execution.submit("one", Draw("first", 0, REQUEST), Completion(""))
    assert begun.wait(60)
    for number in range(3):
        execution.submit("one", Draw(f"Test/{number}", 0, REQUEST), Completion(""))
    execution.submit("one", Draw("last", 0, REQUEST), Completion(""))
    go_on.set()

    assert done.wait(60)
    execution.close()
    assert judged == ["first", "Test/2", "Test/0", "Test/1", "last"]
