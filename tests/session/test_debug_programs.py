"""The program that is debugged where a test is inputs: the one that failed."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from pytest_humaneval.core.records import Outcome
from pytest_humaneval.core.results import Sample
from pytest_humaneval.session.debugging import run_program, write_program
from tests.support.records_made import plus_problem


@pytest.mark.parametrize(
    ("message", "argument"),
    [
        ("plus input 3 of 3: f(2)\n  actual:   7\n  expected: 0", 2),
        ("ValueError: x\nbase input 2 of 2: f(1)", 1),
        ("killed by a signal", 0),
    ],
)
def test_the_failing_input_is_debugged(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    message: str,
    argument: int,
) -> None:
    """The debugger stops before the call that failed, not before thousands that passed."""
    # As in the dataset, the reference takes what the inputs give.
    problem = plus_problem(0)
    assert problem.cases is not None
    reference = "def f(x):\n    return 0\n"
    problem = replace(problem, cases=replace(problem.cases, reference=reference))
    sample = Sample(0, Outcome.WRONG_ANSWER, solution="def f(x):\n    return x + 5\n", message=message)
    stops: list[None] = []
    monkeypatch.setattr(sys, "breakpointhook", lambda: stops.append(None))

    with pytest.raises(AssertionError):
        run_program(write_program(problem, sample, tmp_path))

    assert capsys.readouterr().out.splitlines() == [f"returned {argument + 5}", "expected 0"]
    assert len(stops) == 1
