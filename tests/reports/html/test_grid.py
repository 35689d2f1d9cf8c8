"""The grid and the map of the HTML report in a real browser: order, filters, keys, rows that come and go."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pytest_humaneval.core.records import Outcome
from pytest_humaneval.core.results import ProblemResult
from pytest_humaneval.core.scoring.run import Run
from tests.support.browsing import Browser
from tests.support.pages import FAILED, WRONG, one_of, press_chip, write_page
from tests.support.records_made import result, run_of

CARD = "return document.querySelector('#card').open && document.querySelector('#card-where').textContent"
SLOW = replace(WRONG, outcome=Outcome.TIMEOUT, seconds=3.0, message="3 s of CPU time")


def tasks(browser: Browser) -> list[str]:
    """Return the problems that the grid shows, as it orders them."""
    return browser.texts("#grid tbody th")


def test_a_heading_sorts_and_says_so(browser: Browser, tmp_path: Path) -> None:
    """Up, down, and as the datasets have it; by time, and by how many experiments solve a problem."""
    slow, quick = replace(SLOW, seconds=3.0), replace(FAILED, seconds=0.5)
    first = run_of(["+", one_of(1, slow), "+", one_of(3, quick)], "first")
    browser.open(write_page(tmp_path, first, run_of("++--", "second")))
    headings = {button.text: button for button in browser.all("#grid thead button")}

    headings["Solved"].click()
    assert tasks(browser) == ["Test/3", "Test/1", "Test/2", "Test/0"]
    assert browser.one("#grid [aria-sort=ascending]").text.startswith("Solved")
    headings["Solved"].click()
    assert tasks(browser) == ["Test/0", "Test/1", "Test/2", "Test/3"]
    assert browser.one("#grid [aria-sort]").get_attribute("aria-sort") == "descending"
    headings["Solved"].click()
    assert browser.all("#grid [aria-sort]") == []

    browser.one("#show option[value=time]").click()
    headings["first"].click()
    assert tasks(browser) == ["Test/0", "Test/2", "Test/3", "Test/1"]
    assert browser.texts("#grid tbody tr:last-child button")[0] == "3.00 s"
    assert browser.fragment == "show=time&sort=in:first"


def test_filters_of_several_experiments_are_joined_by_and_or_or(browser: Browser, tmp_path: Path) -> None:
    """Each filter is of one experiment or of any; what is on is listed, and can be taken off one by one."""
    browser.open(write_page(tmp_path, run_of("++--", "first"), run_of("+-+-", "second")))
    browser.one("#filter-in option[value=first]").click()
    press_chip(browser, "passed")
    browser.one("#filter-in option[value=second]").click()
    press_chip(browser, "not solved")
    assert tasks(browser) == ["Test/0", "Test/1", "Test/3"]

    browser.one("#join option[value=and]").click()
    assert tasks(browser) == ["Test/1"]
    on = browser.all("#active-filters button")
    assert [button.accessible_name for button in on] == [
        "Remove the filter first: passed",
        "Remove the filter second: not solved",
    ]
    on[0].click()
    assert tasks(browser) == ["Test/1", "Test/3"]
    browser.one("#clear-filters").click()
    assert len(tasks(browser)) == 4


def test_a_timeout_among_ten_samples_is_found_and_opened(browser: Browser, tmp_path: Path) -> None:
    """Filters count samples, not the problem's outcome; the card opens with the sample that was asked for."""
    samples = result(1, "+++++++++").samples
    ten = ProblemResult("Test/1", "f", (*samples[:7], replace(SLOW, sample_index=7), *samples[7:]))
    browser.open(write_page(tmp_path, run_of(["-" * 10, ten, "+" * 10])))
    press_chip(browser, "timeout")
    assert tasks(browser) == ["Test/1"]

    browser.one("#grid tbody button").click()
    browser.await_script("return document.querySelector('#card-samples').textContent.includes('sample 7')")
    assert browser.fragment == "problem=Test/1&experiment=one&sample=7&filter=timeout"


@pytest.fixture
def many_rows(tmp_path: Path) -> Path:
    """A report of three hundred problems in eight experiments, each of which fails every so many."""
    return write_page(tmp_path, *(striped(number) for number in range(1, 9)))


def striped(number: int) -> Run:
    """Return a run of three hundred problems that fails every so many."""
    return run_of(["-" if place % (number + 1) == 0 else "+" for place in range(300)], f"every {number + 1}")


def test_only_the_rows_in_sight_are_in_the_document(browser: Browser, many_rows: Path) -> None:
    """A screen reader is told of all, the keyboard reaches the last, and a focus survives scrolling."""
    browser.open(many_rows)
    assert browser.one("#grid").get_attribute("aria-rowcount") == "301"
    assert len(browser.all("#grid tbody tr")) < 80

    browser.press("j", "END")
    assert browser.focused == "Test/299 in every 2: passed"
    (line,) = [line for line in browser.all("#grid tbody tr") if line.text.startswith("Test/299")]
    assert line.get_attribute("aria-rowindex") == "301"

    browser.script("document.querySelector('#grid').parentElement.scrollTop = 0")
    browser.await_script(
        "return [...document.querySelectorAll('#grid th')].some((th) => th.textContent === 'Test/1')"
    )
    assert browser.focused == "Test/299 in every 2: passed"
    browser.press("ARROW_UP")
    assert browser.focused == "Test/298 in every 2: wrong answer"


def test_keys_lead_through_the_grid(browser: Browser, two_experiments: Path) -> None:
    """Letters move, search and explain, but never while somebody types."""
    browser.open(two_experiments)
    browser.press("n")
    assert browser.focused == "Test/1 in first: exception"
    browser.press("j", "j", "k")
    assert browser.focused == "Test/2 in first: wrong answer"
    browser.press("p", "p")
    assert browser.focused == "Test/1 in first: exception"
    browser.press("ENTER")
    browser.await_script(f"{CARD} === 'Test/1 in first'")
    browser.press("j")
    browser.await_script(f"{CARD} === 'Test/2 in first'")
    browser.press("ESCAPE", "/", "j", "k", "?")
    assert browser.one("#search").get_attribute("value") == "jk?"

    browser.one("#search").clear()
    browser.one("#search").send_keys("test\ue007")
    assert browser.focused == "Test/0 in first: passed"
    browser.press("ARROW_UP")
    assert browser.focused == "first"
    browser.press("?")
    assert browser.one("#help").is_displayed()
    browser.press("j", "?")
    assert not browser.one("#help").is_displayed()
    assert browser.console_messages == []


def test_a_narrow_window_reaches_every_experiment(browser: Browser, many_rows: Path) -> None:
    """A cue says that there is more; the header and the problems' names stay where they are."""
    browser.open(many_rows, 400)
    assert browser.one("#more").is_displayed()
    assert browser.all(".more-right")

    browser.script(
        "const box = document.querySelector('#grid').parentElement; box.scrollTo(box.scrollWidth, 3000);"
    )
    browser.await_script("return !document.querySelector('.more-right')")
    (last,) = [heading for heading in browser.all("#grid thead th") if heading.text == "every 9"]
    corner = browser.all("#grid thead th")[0]
    box = browser.one(".grid-scroller").rect
    assert box["x"] < last.rect["x"] < box["x"] + box["width"] - last.rect["width"] / 2
    assert box["x"] <= corner.rect["x"] < box["x"] + 2
    assert box["y"] <= corner.rect["y"] < box["y"] + 2


def test_the_map_shows_every_cell_and_opens_it(browser: Browser, two_experiments: Path) -> None:
    """What is under the mouse is told, a click opens it, and a sentence says where experiments differ."""
    browser.open(two_experiments)
    assert (
        browser.one("#map-words").text
        == "1 of 4 problems are solved by some experiments only, 2 by all, 1 by none."
    )

    browser.script(
        "const map = document.querySelector('#map'), at = map.getBoundingClientRect();"
        "for (const kind of ['pointermove', 'click']) map.dispatchEvent(new PointerEvent(kind,"
        " { clientX: at.x + 2 * 16 + 8, clientY: at.y + 8, bubbles: true }));"
    )
    assert (
        browser.script("return document.querySelector('#map-tip').textContent")
        == "Test/2 f in first: wrong answer"
    )
    browser.await_script(f"{CARD} === 'Test/2 in first'")
