"""What the tests of the console script use."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.easy_problems import easy_dataset
from tests.support.python_api import easy_run, write_report

Console = Callable[..., pytest.RunResult]
Score = Callable[[str, set[int]], Path]

EXPERIMENT = "0"
"""The experiment's name in the reports that ``score`` writes."""


@pytest.fixture
def console(pytester: pytest.Pytester) -> Console:
    """Run the console script in the test's folder."""

    def run(*args: str | Path) -> pytest.RunResult:
        return pytester.run(sys.executable, "-m", "pytest_humaneval.session.console", *args, timeout=120)

    return run


@pytest.fixture
def score(pytester: pytest.Pytester) -> Score:
    """Run the easy problems, of which these pass, and write a JSON report of that name; return its path."""
    (pytester.path / "easy.jsonl").write_text(easy_dataset())

    def run(name: str, passing: set[int]) -> Path:
        return write_report(pytester.path / name, easy_run(pytester.path, passing).to_dict())

    return run


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
