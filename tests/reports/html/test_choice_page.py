"""The HTML report of a run that chose among its samples, in a real browser."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.browsing import Browser
from tests.support.pages import open_card, write_page
from tests.support.records_made import run_of, selecting_run, tried


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """Two problems with three samples each; the first has a sample with a round of repair."""
    run = selecting_run(["-1a -3b -1a", "+3a -1b +3a"])
    first = run.results[0]
    repaired = replace(first.samples[0], rounds=(tried(0, "+2c").samples[0],))
    attempts = (repaired, *first.samples[1:])
    results = (replace(first, samples=attempts), run.results[1])
    return write_page(tmp_path, replace(run, results=results))


def test_the_overview_has_the_score_under_its_own_name(browser: Browser, page: Path) -> None:
    """On the axis and among the facts; pass@1 stays the large figure."""
    browser.open(page)

    facts = " ".join(browser.one(".facts").text.split())
    assert browser.texts(".score") == ["33.3 %"]
    assert "selected@1 of 3 after 1 repair round 50.0 %" in facts
    assert "selected@1 of 3 after 1 repair round 50.0 %" in browser.one(".axis").accessible_name
    assert "after 1 repair round 50.0 %" in facts
    assert "oracle pass@3 100.0 %" in facts


def test_the_card_marks_the_chosen_sample(browser: Browser, page: Path) -> None:
    """In the strip, for a screen reader, and among the facts of that sample."""
    browser.open(page)
    open_card(browser, "Test/0 in one: 0/3 samples passed")

    names = [square.accessible_name for square in browser.all(".square")]
    assert names[1] == "sample 1: wrong answer, 3 of 3 examples passed, chosen"
    assert len(browser.all(".square.chosen")) == 1
    assert "sample 1 was chosen" in browser.one("#card-samples").text
    browser.all(".square")[1].click()
    assert "the chosen sample, 3 of 3 examples passed" in browser.one(".facts-line").text
    assert browser.console_messages == []


def test_the_card_says_why_another_was_not_chosen(browser: Browser, page: Path) -> None:
    """The first example that it fails, the samples that behave like it, and each round of repair."""
    browser.open(page)
    open_card(browser, "Test/1 in one: 2/3 samples passed")
    assert "behaves like sample 2" in browser.one(".facts-line").text
    browser.all("#card-before")[0].click()
    browser.await_script("return document.querySelector('#card-where').textContent.startsWith('Test/0')")

    text = browser.one("#card-body").text
    assert "f(1) should be 1, but it gave 2" in text
    assert "Repair round 1: passed, 2 of 3 examples passed, kept" in text


def test_the_plot_has_a_line_for_each_way_and_its_numbers(browser: Browser, page: Path) -> None:
    """A legend, an axis with its unit, and the same as text."""
    browser.open(page)
    (figure,) = [each for each in browser.all("figure") if "score of the chosen sample" in each.text]

    lines = figure.text.split("\n")
    assert lines[lines.index("first") :][:5] == ["first", "examples", "vote", "examples, then vote", "oracle"]
    assert "samples of a problem, each about 18 tokens" in lines
    assert browser.console_messages == []


def test_a_page_without_a_choice_has_none_of_it(tmp_path: Path) -> None:
    """Neither a plot, nor a mark, nor a figure."""
    text = write_page(tmp_path, run_of(["+-", "--"])).read_text(encoding="utf-8")

    assert "score of the chosen sample" not in text
    assert "selected@1" not in text
