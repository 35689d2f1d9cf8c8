"""The page of a history: scores on an axis of time, what changed between neighbours, its links."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest

from pytest_humaneval.core.scoring.run import Run
from pytest_humaneval.reports import json_report
from pytest_humaneval.reports.history import read_history
from pytest_humaneval.reports.html.history import write_history
from tests.support.records_made import run_of, selecting_run


def page_of(folder: Path, *reports: list[Run]) -> str:
    """Write each list of runs as a saved baseline, and return the page of their history."""
    for number, runs in enumerate(reports, start=1):
        json_report.write(folder / f"{number:04}_main.json", runs, {})
    write_history(folder / "page.html", read_history(folder), "reports")
    return (folder / "page.html").read_text("utf-8")


def dated(run: Run, date: str | None = None, commit: str = "") -> Run:
    """Return the run as one that ended on this day, on one and the same dataset."""
    manifest = {"date": f"{date}T12:00:00+00:00"} if date else {}
    return replace(run, manifest={"dataset_sha256": "0" * 64, "git": {"commit": commit}, **manifest})


def words_of(page: str) -> str:
    """Return the page's words."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.split("<main>")[1])).split())


def places_of(page: str) -> list[float]:
    """Return where the points are on the axis of the reports."""
    return [float(x) for x in re.findall(r'<circle cx="([^"]+)"', page)]


def test_scores_are_placed_by_the_end_of_their_run(tmp_path: Path) -> None:
    """A quarter of the time is a quarter of the way; each label has the date and the commit."""
    days = ("2026-01-01", "2026-01-02", "2026-01-05")
    page = page_of(tmp_path, *([dated(run_of("+-"), day, "abc")] for day in days))

    first, second, third = places_of(page)

    assert (second - first) / (third - first) == pytest.approx(1 / 4, abs=0.01)
    assert "2026-01-01" in re.findall(r'<text class="x"[^>]*>([^<]*)', page)
    assert "<title>2, 0002_main.json, 2026-01-02 12:00 UTC, commit abc: 50.0%, 95 % interval" in page


def test_the_line_goes_from_left_to_right(tmp_path: Path) -> None:
    """A baseline that was saved later may be of an earlier run: the table keeps the numbers' order."""
    page = page_of(tmp_path, [dated(run_of("+-"), "2026-01-05")], [dated(run_of("++"), "2026-01-01")])

    assert places_of(page) == sorted(places_of(page))
    assert re.findall(r"<title>(\d), ", page) == ["2", "1"]


@pytest.mark.parametrize("days", [("2026-01-01", None), ("2026-01-01", "2026-01-01")])
def test_without_different_dates_of_all_they_are_placed_by_number(
    tmp_path: Path, days: tuple[str, str | None]
) -> None:
    """A report of an earlier version has no date, and nobody guesses one."""
    page = page_of(tmp_path, *([dated(run_of("+-"), day)] for day in days))

    assert re.findall(r'<text class="x"[^>]*>([^<]*)', page) == ["1", "2"]
    assert "number of the report" in page


def test_what_changed_between_neighbours_is_named(tmp_path: Path) -> None:
    """Gained and lost problems with the exact p, in the table and, if there are any, in a list."""
    results = ("-" * 6 + "+?", "+" * 6 + "-+", "+" * 8, "+" * 8)

    words = words_of(page_of(tmp_path, *([dated(run_of(letters))] for letters in results)))

    assert words.count("+6/-1, p = 0.125") == 2
    assert "0003_main.json after 0002_main.json: +1/-0, p = 1 Gained: 1 Test/6" in words
    assert "0004_main.json after" not in words
    assert "0002_main.json after 0001_main.json: +6/-1, p = 0.125 Gained: 6 Test/0 Test/1" in words
    assert "Lost: 1 Test/6" in words


def test_the_summary_leads_to_each_experiment_and_back(tmp_path: Path) -> None:
    """One page for all: every link has its place, and the newest figures are in the summary."""
    page = page_of(
        tmp_path, [dated(run_of("+-", "a")), dated(run_of("++", "b"))], [dated(run_of("+-+-", "a"))]
    )

    targets = re.findall(r'href="#([^"]+)"', page)

    assert targets == ["history-1", "history-2", "summary", "summary"]
    assert all(f'id="{target}"' in page for target in targets)
    assert "a 2 0002_main.json 50.0 % 15.0 % to 85.0 % +0/-0, p = 1" in words_of(page)


def test_selected_at_1_has_its_own_line(tmp_path: Path) -> None:
    """Beside pass@1, where samples were chosen."""
    page = page_of(tmp_path, *([dated(selecting_run(["-1a +3b", last]))] for last in ("+1a +3b", "-1a -3b")))

    assert "<title>1, 0001_main.json: selected@1 100.0% of 2</title>" in page
    assert "<title>2, 0002_main.json: selected@1 50.0% of 2</title>" in page
    assert page.count("<polyline") == 2
