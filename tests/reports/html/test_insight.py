"""What problems and experiments tell together: the sections of insight and of comparison."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from pathlib import Path

import pytest

from pytest_humaneval.core.scoring.session_summary import Unfinished
from pytest_humaneval.reports.html.report import Page, write
from tests.support.browsing import Browser
from tests.support.pages import card_of, press_chip, write_page
from tests.support.records_made import result, run_of


def text_of(page: Path, title: str) -> str:
    """Return the words of a section of a page, each link as [address text]; empty if there is none."""
    found = re.search(rf"<h2 id=\"{title}-title\">.*?</section>", page.read_text("utf-8"), re.DOTALL)
    linked = re.sub(r'<a [^>]*href="([^"]+)"[^>]*>(.*?)</a>', r"[\1 \2] ", found[0] if found else "")
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", linked)).split())


def test_problems_that_nobody_solves_and_that_flip_lead_to_their_cards(tmp_path: Path) -> None:
    """Each with what is known of it, and the experiment in which it says most."""
    page = write_page(tmp_path, run_of(["--", "+-", "++"], "a b"), run_of(["--", "++", "++"], "c"))

    words = text_of(page, "insight")

    assert "Solved by nobody: 1 of 3 problems" in words
    assert "[#problem=Test/0&experiment=a+b Test/0]" in words
    assert "Solved by some samples only: 1 of 3 problems" in words
    assert "[#problem=Test/1&experiment=a+b Test/1 1 of 2 ]" in words


def test_a_problem_is_named_with_its_function_where_its_id_is_not_enough(tmp_path: Path) -> None:
    """Two datasets may call different problems by one id; then the link says which."""
    other = replace(result(0, "-"), entry_point="g")

    words = text_of(write_page(tmp_path, run_of("-", "a"), run_of([other], "b")), "insight")

    assert "[#problem=Test/0&function=f&experiment=a " in words
    assert "[#problem=Test/0&function=g&experiment=b " in words


def test_failures_are_counted_by_experiment(tmp_path: Path) -> None:
    """Samples and their share, with a link to the problems; an outcome that nobody has is no column."""
    words = text_of(write_page(tmp_path, run_of(["+-", "--"], "a"), run_of(["++", "+?"], "b")), "insight")

    assert "Experiment wrong answer infra error a [#filter=wrong_answer:a 3 75.0 % ] b" in words
    assert "b [#filter=infra_error:b 1 25.0 % ]" in words


def test_what_says_nothing_is_not_shown(tmp_path: Path) -> None:
    """One experiment that solves all has no insight, and nothing to compare with."""
    page = write_page(tmp_path, run_of("+" * 30))

    assert text_of(page, "insight") == text_of(page, "comparison") == ""


@pytest.mark.parametrize(("next_write_s", "is_shown"), [(60.0, False), (None, True)])
def test_a_run_that_goes_on_has_no_insight_yet(
    tmp_path: Path, next_write_s: float | None, is_shown: bool
) -> None:
    """What half of it seems to say may turn round; a run that was interrupted says all that it will."""
    path, waiting = tmp_path / "page.html", {"a": ["Test/1"], "b": ["Test/1"]}
    runs = [run_of("-", "a"), run_of("-", "b")]
    write(path, Page(runs, {}, card_of, unfinished=Unfinished(waiting, 4, next_write_s)))

    assert bool(text_of(path, "insight")) == bool(text_of(path, "comparison")) == is_shown


def test_difficulty_is_shown_by_the_prompts_length(tmp_path: Path) -> None:
    """Test/10 and later have more letters in their prompts than those before, and most are solved here."""
    words = text_of(write_page(tmp_path, run_of("-" * 10 + "+" * 19 + "-")), "insight")

    assert "Solved, by length of the prompt" in words
    assert re.search(r"\d+ 10 0\.0 % 0\.0 % to 27\.8 % \d+ 20 95\.0 % 76\.4 % to 99\.1 %", words)
    assert "characters and share solved: +0.93, 95 % interval +0.83 to +0.97, over 30 problems;" in words
    assert "number of examples" not in words
    assert "Failures by experiment" not in words


def test_every_two_experiments_are_in_the_matrix(tmp_path: Path) -> None:
    """Difference, interval and adjusted p; only what is significant after the adjustment is marked."""
    page = write_page(
        tmp_path, run_of("-" * 12, "low"), run_of("+" * 12, "high"), run_of("-" * 11 + "+", "mid")
    )

    words = text_of(page, "comparison")

    assert "adjusted for 3 pairs (Holm)" in words
    assert "2 high 100.0 % high against low: ▲ +100.0 +65.7 to +100.0 p = 0.001" in words
    assert "mid against low: +8.3 −16.9 to +35.4 p = 1.00 mid against high: ▼ −91.7" in words  # noqa: RUF001
    assert "1 low 2 high 3 mid" not in words


def test_two_experiments_need_no_matrix_and_too_many_are_said_to_be(tmp_path: Path) -> None:
    """Neither an empty table nor hundreds of pairs."""
    runs = [run_of("+-", f"e{number}") for number in range(21)]

    two, many = (text_of(write_page(tmp_path, *part), "comparison") for part in (runs[:2], runs))

    assert "Every two" not in two
    assert many == "Comparison 21 experiments are too many to compare every two of them here: at most 20 are."


def test_a_reader_goes_from_the_matrix_to_a_problem_and_keeps_the_filters(
    browser: Browser, tmp_path: Path
) -> None:
    """A cell shows its flips, the first twenty of many; a link opens a card; a failure count filters."""
    browser.open(
        write_page(tmp_path, run_of("-" * 30, "a"), run_of("+" * 29 + "-", "b"), run_of("-" * 30, "c"))
    )
    press_chip(browser, "passed")

    browser.script("document.querySelectorAll('.pair')[2].click()")
    assert "−96.7 points against b: 0 gained, 29 lost" in browser.one("#verdict").text  # noqa: RUF001
    assert len(browser.texts(".flip.lost")) == 20
    browser.one("#flips summary").click()
    assert len(browser.texts(".flip.lost")) == 29

    browser.all("a.flip.unsolved")[0].click()
    browser.await_script("return document.querySelector('#card-where').textContent === 'Test/29 in a'")
    assert len(browser.texts("#grid tbody th")) == 29
    browser.press("ESCAPE")
    browser.all("a.bar")[0].click()
    assert browser.script("return location.hash") == "#filter=wrong_answer:a"
    assert browser.console_messages == []
