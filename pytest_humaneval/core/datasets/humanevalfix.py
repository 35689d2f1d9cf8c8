"""Rows of HumanEvalPack for repairing bugs, HumanEvalFix (Muennighoff et al. 2023, arXiv:2308.07124).

Source: https://github.com/bigcode-project/octopack
"""

from __future__ import annotations

from dataclasses import replace

from pytest_humaneval.core.datasets.humaneval import read_humaneval
from pytest_humaneval.core.datasets.row import Row
from pytest_humaneval.core.problem import Problem


def read_humanevalfix(row: Row) -> Problem:
    """Return the problem of a row; its solution and its wrong one both continue the prompt.

    Raises:
        ConfigError: a field is missing or no text.
    """
    problem = read_humaneval(row)
    # The judge makes this call itself: all inputs would be tried twice.
    call = f"check({problem.entry_point})"
    test = problem.test.rstrip().removesuffix(f"\n{call}")
    return replace(problem, test=test + "\n", buggy=row.text("buggy_solution"))
