"""Rows of the datasets beside the project, as problems."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pytest_humaneval.core.problem import Problem

_ROOT = Path(__file__).parents[3]
DATASETS = Path(os.environ.get("HUMANEVAL_SHARED_DATA", _ROOT.parent / "shared" / "data")) / "datasets"
"""The folder of the datasets; it may be missing."""


def rows(name: str) -> Iterator[dict[str, Any]]:
    """Yield the rows of a file of the folder."""
    with gzip.open(DATASETS / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def problem_of(row: dict[str, Any]) -> Problem:
    """Return a row's problem; without a test where the file has inputs instead."""
    return Problem(
        row["task_id"],
        row["prompt"],
        row["entry_point"],
        row["canonical_solution"],
        row.get("test", ""),
        suffix=row.get("suffix", ""),
        buggy=row.get("buggy_solution", ""),
    )
