"""``pytest-humaneval html``: an HTML report from JSON reports that exist."""

from __future__ import annotations

import base64
import gzip
import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.support.browsing import Browser
from tests.support.console_runs import Console, Score, error_of
from tests.support.evaluating import Evaluate, completion, write_samples


def data_of(page: Path, place: str = "index") -> dict[str, Any]:
    """Return the data of an element of the page."""
    found = re.search(rf'id="{place}">([A-Za-z0-9+/=]*)</script>', page.read_text())
    assert found
    data: dict[str, Any] = json.loads(gzip.decompress(base64.b64decode(found[1])))
    return data


def test_a_report_becomes_the_page_that_its_run_would_have_written(
    console: Console, pytester: pytest.Pytester, evaluate: Evaluate
) -> None:
    """The same index and the same cards; only the commands and the request are not in a JSON report."""
    rows = [completion(0, "    return 1/0\n"), completion(0, "    pass\n"), completion(5, "    pass\n")]
    write_samples(pytester.path / "samples.jsonl", rows)
    written = evaluate("--humaneval-samples=samples.jsonl", "--humaneval-html=run.html", "--tb=no")

    result = console("html", written.report_path)

    page, run_page = pytester.path / "report.html", pytester.path / "run.html"
    assert result.ret == 0
    result.stdout.fnmatch_lines([f"HTML report: {page.as_uri()}"])
    assert data_of(page) == data_of(run_page)
    card, run_card = data_of(page, "card-0-0"), data_of(run_page, "card-0-0")
    assert card == {**run_card, "rerun": "", "debug": ""}
    notes = [re.findall(r"<li>samples: .*</li>", each.read_text()) for each in (page, run_page)]
    assert notes[0] == notes[1] != []


def test_several_reports_become_one_page(console: Console, score: Score, pytester: pytest.Pytester) -> None:
    """Experiments of the same name have their files' names added; a report named twice is read once."""
    score("a.json", {0}), score("b.json", {1})

    console("html", "a.json", "b.json", "a.json", "-o", "both.html", "--dataset=easy.jsonl")

    index = data_of(pytester.path / "both.html")
    assert index["experiments"] == ["0 (a.json)", "0 (b.json)"]
    assert [(pair["gained"], pair["lost"]) for pair in index["pairs"]] == [(["Easy/1"], ["Easy/0"])]


def test_a_card_without_its_dataset_has_all_but_the_prompt(
    console: Console, score: Score, browser: Browser
) -> None:
    """A note says what to add; nothing in the card is empty."""
    report = score("report.json", set())

    console("html", report)

    browser.open(report.with_name("report.html"))
    assert any(
        text.endswith("shown without prompt and test; name it, or its file, with --dataset")
        for text in browser.texts(".notes li")
    )
    browser.all("#grid tbody button")[0].click()
    browser.await_script("return document.querySelector('#card-body section') !== null")
    assert browser.texts("#card-body h3") == ["What happened", "Program", "Raw completion"]
    text = browser.one("#card-body").text
    assert "ZeroDivisionError" in text
    assert "null" not in text
    assert browser.console_messages == []


def test_a_page_that_cannot_be_written_is_one_line(console: Console, score: Score) -> None:
    """It names the file."""
    report = score("report.json", {0})

    line = error_of(console("html", report, "-o", report.parent, "--dataset=easy.jsonl"))

    assert line == f"ERROR: {report.parent}: cannot be written (Is a directory); name another file"


def test_a_report_without_an_experiment_is_one_line(console: Console, pytester: pytest.Pytester) -> None:
    """There is nothing to show of it."""
    (pytester.path / "empty.json").write_text('{"schema_version": 1, "experiments": {}}')

    assert error_of(console("html", "empty.json")).startswith("ERROR: empty.json: no experiment in it")
