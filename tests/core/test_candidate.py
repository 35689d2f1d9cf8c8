"""Assembling a candidate."""

from __future__ import annotations

from pytest_humaneval.core.candidate import assemble
from pytest_humaneval.core.problem import Problem
from pytest_humaneval.core.records import Candidate


def test_a_candidate_has_the_problem_s_test_and_the_solution() -> None:
    """Prompt, test and entry point are the dataset's; the solution is used as it is."""
    problem = Problem("HumanEval/0", "def f():\n", "f", "    return 1\n", "def check(candidate): pass\n")

    expected = Candidate("def f(): return 2\n", "f", "def f():\n", "def check(candidate): pass\n")

    assert assemble(problem, "def f(): return 2\n") == expected


def test_a_test_may_use_the_helpers_of_a_prompt_that_breaks_off() -> None:
    """Before a gap the entry point is half a function, which cannot run; what stands before it can."""
    helper = "def twice(x):\n    return 2 * x\n"
    problem = Problem("T/0", f"{helper}\n\ndef f(x):\n    return twice(", "f", "x)", "", suffix="\n")

    assert assemble(problem, "").prompt == helper.rstrip()
