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
