"""What the tests of the console script use."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.support.console_runs import Console, Score
from tests.support.easy_problems import easy_dataset
from tests.support.python_api import easy_run, write_report


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
