"""Rows with a gap to be filled (Bavarian et al. 2022, arXiv:2207.14255).

Source: https://github.com/openai/human-eval-infilling
"""

from __future__ import annotations

from dataclasses import replace

from pytest_humaneval.core.datasets.humaneval import read_humaneval
from pytest_humaneval.core.datasets.row import Row
from pytest_humaneval.core.problem import Problem


def read_infilling(row: Row) -> Problem:
    """Return the problem of a row: the prompt stands before the gap, the suffix after it.

    Raises:
        ConfigError: a field is missing or no text.
    """
    return replace(read_humaneval(row), suffix=row.text("suffix"))
