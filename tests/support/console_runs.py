"""Runs of the console script, and the reports that it reads."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Console = Callable[..., pytest.RunResult]
Score = Callable[[str, set[int]], Path]

EXPERIMENT = "0"
"""The experiment's name in the reports that ``score`` writes."""


def edit(report: Path, **values: Any) -> None:  # noqa: ANN401 (any JSON data)
    """Change values of the report's only experiment."""
    content = json.loads(report.read_text())
    content["experiments"][EXPERIMENT].update(values)
    report.write_text(json.dumps(content))


def error_of(result: pytest.RunResult) -> str:
    """Return the one line that a usage error is."""
    assert result.ret == 4
    assert result.outlines == []
    (line,) = [line for line in result.errlines if line]
    return line
