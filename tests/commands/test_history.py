"""``pytest-humaneval history``: pass@1 over the reports of a folder."""

from __future__ import annotations

import json
import os
import re
import subprocess
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from tests.support.browsing import Browser
from tests.support.console_runs import EXPERIMENT, Console, Score, edit, error_of
from tests.support.easy_problems import easy_dataset, easy_samples
from tests.support.evaluating import Evaluate, write_samples


def rows_of(result: pytest.RunResult) -> list[list[str]]:
    """Return the cells of the table's rows."""
    lines = [line for line in result.outlines if line.startswith("  ") and ".json" in line]
    return [re.split(r" {2,}", line.strip()) for line in lines]


def test_saved_baselines_are_a_history(
    console: Console, pytester: pytest.Pytester, evaluate: Evaluate
) -> None:
    """From the flag that saves them to the table: figures, what changed, when, and the commit of each."""
    git = ("git", "-c", "user.name=n", "-c", "user.email=e")
    subprocess.run((*git, "init", "-q"), check=True)
    subprocess.run((*git, "commit", "-q", "--allow-empty", "-m", "m"), check=True)
    commit = subprocess.run((*git, "rev-parse", "HEAD"), check=True, capture_output=True, text=True).stdout
    (pytester.path / "easy.jsonl").write_text(easy_dataset())
    for passing in (set(range(5)), set(range(10))):
        write_samples(pytester.path / "samples.jsonl", easy_samples(passing))
        evaluate(
            "--humaneval-dataset=easy.jsonl",
            "--humaneval-samples=samples.jsonl",
            "--humaneval-save-baseline=main",
            "--tb=no",
        )

    result = console("history", ".humaneval_baselines")

    def minute(number: int) -> str:
        saved = sorted((pytester.path / ".humaneval_baselines").iterdir())[number]
        date = json.loads(saved.read_text())["experiments"]["samples"]["manifest"]["date"]
        assert abs(datetime.now(timezone.utc) - datetime.fromisoformat(date)) < timedelta(minutes=10)
        return str(date)[:16].replace("T", " ")

    assert result.ret == 0
    assert result.outlines[0] == "samples, dataset easy"
    assert rows_of(result) == [
        ["0001_main.json", "25.0%", "11.2% - 46.9%", "20", "-", minute(0), commit[:12]],
        ["0002_main.json", "50.0%", "29.9% - 70.1%", "20", "+5/-0, p = 0.0625", minute(1), commit[:12]],
    ]
    assert result.outlines[-1] == "2 reports"


def test_the_oldest_comes_first(console: Console, score: Score) -> None:
    """Saved baselines by their numbers, others by their dates; only what has none by its file's time."""
    content = score("c.json", set()).read_text()
    dates = {
        "9999_b.json": "2026-01-09",
        "10000_a.json": "2026-01-08",
        "z.json": "2026-01-01",
        "a.json": "2026-01-03",
    }
    for name, date in [*dates.items(), ("c.json", None)]:
        report = Path(name)
        report.write_text(content)
        manifest = {"dataset_sha256": "a" * 64, **({"date": f"{date}T12:00:00+00:00"} if date else {})}
        edit(report, manifest=manifest)
        time = datetime(2026, 1, 2, tzinfo=timezone.utc).timestamp() if date is None else 0
        os.utime(report, (time, time))

    rows = rows_of(console("history", "."))

    assert [row[0] for row in rows] == ["9999_b.json", "10000_a.json", "z.json", "c.json", "a.json"]


def test_other_files_are_counted_named_and_left_out(console: Console, score: Score) -> None:
    """Whatever they hold, and however many: the reports of the folder are shown."""
    report = score("report.json", {0})
    entry = '{"schema_version": 1, "experiments": {"a": {"pass@1": 0.5}}}'
    for number, content in enumerate(["", "{", "[]", "{}", "\xff", "[" * 100_000, entry]):
        report.with_name(f"other{number}.json").write_bytes(content.encode("latin-1"))

    result = console("history", ".")

    assert (result.ret, len(rows_of(result))) == (0, 1)
    assert result.outlines[-1] == (
        "1 report; 7 other JSON files left out: "
        "other0.json, other1.json, other2.json, other3.json, other4.json and 2 more"
    )


def test_a_folder_without_any_report_is_one_line(console: Console, score: Score) -> None:
    """A report with an impossible figure is none."""
    report = score("a.json", {0})
    content = report.read_text()
    impossible: list[dict[str, object]] = [
        {"pass@1": 7},
        {"pass@1": "x"},
        {"ci95": []},
        {"problems": None},
        {"results": [{}]},
    ]
    for name, values in zip("abcde", impossible, strict=True):
        copy = report.with_name(f"{name}.json")
        copy.write_text(content)
        edit(copy, **values)

    error = error_of(console("history", "."))

    assert error.startswith(
        "ERROR: .: no report in it, but 5 other JSON files (a.json, b.json, c.json, d.json, e.json);"
    )


def test_a_score_that_does_not_exist_is_no_zero(console: Console, score: Score) -> None:
    """A run in which no sample has a verdict has its row, and no point in the plot."""
    report = score("0001_a.json", {0})
    edit(score("0002_b.json", {0}), **{"pass@1": None, "ci95": None, "problems": 5})

    result = console("history", ".", "--html=page.html")

    assert [row[1:4] for row in rows_of(result)] == [
        ["5.0%", "0.9% - 23.6%", "20"],
        ["-", "-", "5 of 20"],
    ]
    page = report.with_name("page.html").read_text()
    (label,) = re.findall(r"<title>(\d, .*)</title>", page)
    assert re.fullmatch(
        r"1, 0001_a\.json, [-0-9]{10} [:0-9]{5} UTC: 5\.0%, 95 % interval 0\.9% to 23\.6%", label
    )


def test_two_datasets_are_two_histories(console: Console, score: Score) -> None:
    """Scores on them are not comparable."""
    score("0001_a.json", {0})
    edit(score("0002_b.json", {0}), manifest={"dataset_sha256": "abc"})

    lines = console("history", ".").outlines

    assert lines[0].startswith(f"{EXPERIMENT}, dataset easy ")
    assert f"{EXPERIMENT}, dataset easy abc" in lines[1:]


def test_datasets_of_different_names_need_no_hash_in_a_title(console: Console, score: Score) -> None:
    """HumanEval's and HumanEval+'s scores of one experiment are apart, and called as users call them."""
    edit(score("0001_a.json", {0}), dataset={"name": "humaneval", "sha256": "abc"})
    plus = {"name": "humaneval+", "sha256": "def"}
    changed = {"manifest": {"dataset_sha256": "def"}, "dataset": plus, "pass@1_base": 0.25}
    edit(score("0002_b.json", {0}), **changed)

    result = console("history", ".")

    titles = [line for line in result.outlines if line.startswith(EXPERIMENT)]
    assert titles == [f"{EXPERIMENT}, dataset humaneval", f"{EXPERIMENT}, dataset humaneval+"]
    assert [row[1:3] for row in rows_of(result)] == [["5.0%", "0.9% - 23.6%"], ["5.0%", "25.0%"]]


def test_the_page_needs_nothing_and_runs_nothing_of_a_report(console: Console, score: Score) -> None:
    """A name with markup is shown as text, and no address leads to another file."""
    evil = "<script>window.ran = 1</script>\u202e"
    report = score("0001_a.json", {0})
    report.write_text(report.read_text().replace(f'"{EXPERIMENT}"', json.dumps(evil), 1))

    console("history", ".", "--html=page.html")

    page = report.with_name("page.html").read_text()
    assert (
        'id="history-1-title">&lt;script&gt;window.ran = 1&lt;/script&gt;\\u202e, dataset easy</h2>' in page
    )
    assert page.count("<script>") == 1
    assert "\u202e" not in page
    assert "http" not in page.replace("http-equiv", "")
    assert re.findall(r"""(?:src|href)=(?!"#|"data:)|url\(|@import|fetch\(""", page) == []


def test_the_page_is_drawn_in_light_and_dark(console: Console, score: Score, browser: Browser) -> None:
    """A point for each report; its script runs, and the browser has nothing to complain about."""
    page = score("0001_a.json", {0}).with_name("page.html")
    score("0002_a.json", {0, 1})
    console("history", ".", f"--html={page}")

    for scheme in ("light", "dark"):
        browser.open(page, scheme=scheme, ready=False)
        assert len(browser.all("circle")) == len(browser.all(".interval")) == 2
        browser.one("#theme").click()
        assert browser.texts("#theme") == ["Theme: light"]
        assert browser.console_messages == []


def test_a_page_never_replaces_a_baseline(console: Console, score: Score) -> None:
    """A slip in the arguments loses no result."""
    report = score("0001_a.json", {0})

    result = console("history", ".", "--html=0001_a.json")

    assert result.ret == 4
    assert "schema_version" in report.read_text()
