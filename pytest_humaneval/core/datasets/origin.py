"""Where a problem comes from: datasets that are made of another one hold its problems under ids of their own.

    HumanEval/17                                  HumanEval, HumanEval+
    Python/17                                     HumanEvalFix, as HumanEvalPack has it
    SingleLineInfilling/HumanEval/17/L0           infilling

All of these are problem 17 of HumanEval. What is compared is the id alone: the texts differ between these
datasets, and a soft prompt's card, which says what it was trained on, has ids and no texts.
"""

from __future__ import annotations

import re

from pytest_humaneval.core.problem import Problem

# At most 18 digits: int() raises ValueError for more than 4300 (CPython's limit against slow conversions).
DIGITS = r"\d{1,18}"
"""The pattern of the number in a task id."""

_HUMANEVAL = re.compile(rf"(?:.*/)?(HumanEval/{DIGITS})(?:/.*)?")
_LAST = re.compile(DIGITS)


def origin(problem: Problem) -> str:
    """Return the id that a problem has in the dataset it comes from; mostly its own."""
    task_id = _own_or_humanevals(problem.task_id)
    name, _, number = task_id.rpartition("/")
    # HumanEvalPack has the same number in each of its languages.
    return f"HumanEval/{number}" if problem.buggy and name == "Python" else task_id


def series(task_id: str) -> str:
    """Return what an id says of its dataset: all before the last slash."""
    return task_id.rpartition("/")[0]


def number(task_id: str) -> int | None:
    """Return the number of a problem in the dataset it comes from; None where its id has none."""
    last = _own_or_humanevals(task_id).rpartition("/")[2]
    return int(last) if _LAST.fullmatch(last) else None


def _own_or_humanevals(task_id: str) -> str:
    found = _HUMANEVAL.fullmatch(task_id)
    return found[1] if found else task_id
