"""Rows in the schema of HumanEval (Chen et al. 2021, arXiv:2107.03374): https://github.com/openai/human-eval."""

from __future__ import annotations

from pytest_humaneval.core.datasets.row import Row
from pytest_humaneval.core.datasets.trusted_imports import check_imports
from pytest_humaneval.core.problem import Problem

FIELDS = ("task_id", "prompt", "entry_point", "canonical_solution", "test")


def read_humaneval(row: Row) -> Problem:
    """Return the problem of a row.

    Raises:
        ConfigError: a field is missing or no text, or the test imports what its side of the sandbox lacks.
    """
    task_id, prompt, entry_point, solution, test = map(row.text, FIELDS)
    check_imports(test, row)
    return Problem(task_id, prompt, entry_point, solution, test)
