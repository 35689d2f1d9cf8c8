"""The datasets of reports: named, several, or found by the command itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_humaneval.commands import html
from pytest_humaneval.core.datasets import RELEASES
from tests.support.dataset_rows import HUMANEVAL, write
from tests.support.easy_problems import easy_dataset
from tests.support.python_api import easy_run, write_report

NOTE = "is not known here"


def noted(report: Path, *datasets: str | Path) -> bool:
    """Write the page of a report, and return whether it says that its dataset is not known."""
    page = report.with_suffix(".html")
    html.run_html([report], page, datasets, lambda _: None)
    return NOTE in page.read_text()


@pytest.fixture
def report(tmp_path: Path) -> Path:
    """The report of a run of the easy problems."""
    (tmp_path / "easy.jsonl").write_text(easy_dataset())
    return write_report(tmp_path / "report.json", easy_run(tmp_path, set()).to_dict())


def test_several_datasets_may_be_named(report: Path) -> None:
    """One that no report is of does no harm."""
    other = write(report.with_name("other.jsonl"), HUMANEVAL)

    assert noted(report)
    assert noted(report, other)
    assert not noted(report, other, str(report.with_name("easy.jsonl")))


def test_a_released_dataset_is_found_by_what_the_report_says(
    report: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where this machine has its file; nothing is fetched."""
    monkeypatch.setattr(html, "release_of", lambda _: RELEASES["mbpp"])
    monkeypatch.setenv("XDG_CACHE_HOME", str(report.parent))
    monkeypatch.setenv("HUMANEVAL_DATASETS", str(report.parent))
    assert noted(report)

    report.with_name("easy.jsonl").rename(report.with_name("mbpp.jsonl"))

    assert not noted(report)
