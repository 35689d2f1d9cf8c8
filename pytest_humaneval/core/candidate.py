"""The candidate: a solution joined with what judges it."""

from __future__ import annotations

from pytest_humaneval.core.records import Candidate, Problem


def assemble(problem: Problem, solution: str) -> Candidate:
    """Return the program to be judged.

    Args:
        problem: the dataset's row; its prompt and test are trusted.
        solution: source of a whole module that should define the entry point; untrusted.
    """
    return Candidate(solution, problem.entry_point, problem.prompt, problem.test)
