"""Rows of each schema, and files of them."""

from __future__ import annotations

import json
import marshal
from pathlib import Path
from typing import Any

from pytest_humaneval.core.datasets import read_problems
from pytest_humaneval.core.problem import Problem

HUMANEVAL = {
    "task_id": "HumanEval/900",
    "prompt": "def double(x):\n",
    "entry_point": "double",
    "canonical_solution": "    return 2 * x\n",
    "test": "def check(candidate):\n    assert candidate(1) == 2\n",
}
EVALPLUS = {
    **{name: HUMANEVAL[name] for name in ("task_id", "prompt", "entry_point", "canonical_solution")},
    "base_input": [[1], [2]],
    "plus_input": [[3]],
    "atol": 0,
}
MBPP = {
    "task_id": 900,
    "text": "Write a function to double a number.",
    "code": "def double(x):\r\n  return 2 * x",
    "test_setup_code": "",
    "test_list": ["assert double(1) == 2", "assert double(2)==4"],
    "challenge_test_list": [],
}


def arguments(data: bytes) -> Any:  # noqa: ANN401 (lists of any arguments)
    """Return the arguments of each case."""
    return marshal.loads(data)  # noqa: S302 -- made by the test's own process


def read(folder: Path, *rows: dict[str, Any]) -> tuple[Problem, ...]:
    """Return the problems of a file of these rows."""
    return read_problems(write(folder / "rows.jsonl", *rows))


def write(path: Path, *rows: dict[str, Any]) -> Path:
    """Write a file of these rows, and return it."""
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def read_one(folder: Path, row: dict[str, Any], **changed: object) -> Problem:
    """Return the problem of a row with these fields changed."""
    (problem,) = read(folder, {**row, **changed})
    return problem
