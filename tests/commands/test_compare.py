"""``pytest-humaneval compare``: two JSON reports by the exact paired test."""

from __future__ import annotations

import json

import pytest

from pytest_humaneval.core.datasets import HUMANEVAL_SHA256
from tests.support.browsing import Browser
from tests.support.console_runs import EXPERIMENT, Console, Score, edit, error_of
from tests.support.evaluating import Evaluate, completion, write_samples


@pytest.mark.parametrize(
    ("before", "now", "status", "line"),
    [
        (set(range(20)), set(range(5)), 1, "0: worse than the baseline: 25.0% after 100.0% in before.json"),
        (set(range(5)), set(range(20)), 0, "0: better than the baseline: 100.0% after 25.0% in before.json"),
        ({0, 1}, {1}, 0, "0: not distinguishable from the baseline: 5.0% after 10.0% in before.json"),
    ],
)
def test_a_significant_loss_alone_is_a_failure(
    console: Console, score: Score, before: set[int], now: set[int], status: int, line: str
) -> None:
    """The exit status is that of a gate, and the figures stand below the verdict."""
    result = console("compare", score("before.json", before), score("now.json", now))

    assert result.ret == status
    result.stdout.fnmatch_lines([line, "  *points (95% interval *), * p = * (McNemar, exact)"])


def test_without_a_verdict_it_is_undecided(console: Console, score: Score) -> None:
    """A problem that the newer run did not reach may have been lost."""
    before, now = score("before.json", {0}), score("now.json", {0})
    edit(now, problems=21)

    result = console("compare", before, now)

    assert result.ret == 6
    result.stdout.fnmatch_lines(["0: undecided: *"])


def test_an_experiment_of_one_report_only_is_named(console: Console, score: Score) -> None:
    """Nothing is left out in silence."""
    before, now = score("before.json", {0}), score("now.json", {0})
    for report, name in ((before, "older"), (now, "newer")):
        content = json.loads(report.read_text())
        content["experiments"][name] = content["experiments"][EXPERIMENT]
        report.write_text(json.dumps(content))

    result = console("compare", before, now)

    assert result.outlines[-1] == "in one of the reports only, and not compared: older, newer"


def test_the_page_has_both_runs(console: Console, score: Score, browser: Browser) -> None:
    """What was lost is listed, and the card of either run is a click away."""
    before, now = score("before.json", {0, 1}), score("now.json", {0})

    result = console("compare", before, now, "--html=new/page.html", "--dataset=easy.jsonl")

    page = before.with_name("new") / "page.html"
    result.stdout.fnmatch_lines([f"HTML report: {page.as_uri()}"])
    browser.open(page)
    assert browser.texts(".run-name h3") == ["0 (baseline)", "0"]
    assert browser.texts(".gate") == ["gate holds"]
    assert browser.texts("#flips .lost") == ["Easy/1"]
    browser.one("#flips .lost").click()
    browser.await_script("return document.querySelector('#card-body section') !== null")
    assert "def easy_1():" in browser.one("#card").text
    assert browser.console_messages == []


def test_reports_of_two_datasets_are_not_compared(
    console: Console, score: Score, pytester: pytest.Pytester, evaluate: Evaluate
) -> None:
    """One line, whatever the experiments are called."""
    write_samples(pytester.path / "one.jsonl", [completion(0, "    pass\n")])
    other = evaluate("--humaneval-samples=one.jsonl", "--tb=no").report_path

    line = error_of(console("compare", score("before.json", {0}), other))

    assert line.startswith("ERROR: compare: '0' was run on another dataset (easy, sha256 ")
    assert f"; here humaneval, sha256 {HUMANEVAL_SHA256[:12]}...); " in line


def test_a_page_never_replaces_a_report(console: Console, score: Score) -> None:
    """A slip in the arguments loses no result."""
    before, now = score("before.json", {0}), score("now.json", {0})
    content = now.read_bytes()

    result = console("compare", before, now, "--html=./now.json")

    assert result.ret == 4
    assert "now.json: a report that is read is not overwritten; name another file" in str(result.stderr)
    assert now.read_bytes() == content
