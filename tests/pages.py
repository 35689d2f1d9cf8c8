"""HTML reports for tests, written from small records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from records_made import problem

from pytest_humaneval.core.gate import Comparison
from pytest_humaneval.core.records import Message, ProblemResult
from pytest_humaneval.core.run import Run
from pytest_humaneval.core.settings import Settings
from pytest_humaneval.reports.failure_card import FailureCard, failure_card
from pytest_humaneval.reports.html.report import Page, write

_SETTINGS = Settings(Path("/project"), experiments=("all",))


def card_of(experiment: str, result: ProblemResult) -> FailureCard:
    """Return the card of a result of Test/N."""
    asked = replace(problem(int(result.task_id.partition("/")[2])), task_id=result.task_id)
    return failure_card(result, asked, experiment, _SETTINGS, (Message("user", f"Solve {result.task_id}."),))


def write_page(
    folder: Path, *runs: Run, comparisons: Mapping[str, Comparison] | None = None, **more: Any
) -> Path:
    """Write a report of these runs and return its path."""
    path = folder / "report.html"
    shown: Sequence[Run] = runs
    write(path, Page(shown, comparisons or {}, card_of, **more))
    return path
