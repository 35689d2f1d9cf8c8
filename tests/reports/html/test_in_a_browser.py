"""The HTML report in a real browser: with a mouse, with a keyboard, for a screen reader."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from pytest_humaneval.core.scoring.baseline import Baseline
from pytest_humaneval.core.scoring.gate import compare
from tests.support.browsing import Browser
from tests.support.evaluating import Evaluate, completion, write_samples
from tests.support.pages import open_card, press_chip, write_page
from tests.support.records_made import run_of


def test_the_overview_has_each_experiment_s_score(browser: Browser, two_experiments: Path) -> None:
    """pass@1, its interval in words for a screen reader, and how many ended how."""
    browser.open(two_experiments)

    assert browser.texts(".score") == ["50.0 %", "75.0 %"]
    assert browser.all(".axis")[1].accessible_name == "pass@1 75.0 %, 95 % interval 30.1 % to 95.4 %"
    assert browser.texts(".run:first-of-type .legend li") == ["2 passed", "1 wrong answer", "1 exception"]


def test_a_click_opens_the_failure_card(browser: Browser, two_experiments: Path) -> None:
    """All of it: what happened, the program with its line marked, the steps, the output, the commands."""
    browser.open(two_experiments)
    open_card(browser, "Test/1 in first: exception")

    text = browser.one("#card").text
    assert "divide exception" in " ".join(text.split())
    assert "ZeroDivisionError: division by zero" in text
    assert [row.strip() for row in browser.texts(".failing")] == ["return 1 / 0"]
    assert browser.texts(".step .added") == ["+x"]
    assert "printed before" in text
    assert "I think:" in text
    assert "0.25 s of CPU time, 12 tokens, finish reason stop" in text
    assert "pytest --humaneval-experiment=first --humaneval-tasks=Test/1" in browser.texts(".command code")
    assert browser.console_messages == []


def test_a_command_is_copied_or_at_least_selected(browser: Browser, two_experiments: Path) -> None:
    """A browser may refuse the clipboard; a reader still gets the command with one key."""
    browser.open(two_experiments)
    open_card(browser, "Test/1 in first: exception")
    button = browser.all(".command button")[0]
    button.click()

    browser.await_script(
        "return /^(Copied|Selected)$/.test(document.querySelector('.command button').textContent)"
    )
    assert browser.console_messages == []


def test_a_real_run_s_page_opens(browser: Browser, evaluate: Evaluate, tmp_path: Path) -> None:
    """From pytest's command line to a card, with a real candidate in between."""
    page = tmp_path / "page.html"
    samples = write_samples(tmp_path / "s.jsonl", [completion(0, "    return numbers[99]\n")])
    evaluate(f"--humaneval-samples={samples}", f"--humaneval-html={page}")

    browser.open(page)
    open_card(browser, "HumanEval/0 in samples: exception")

    assert [row.strip() for row in browser.texts(".failing")] == ["return numbers[99]"]
    assert browser.console_messages == []


def test_the_request_is_unfolded_on_demand(browser: Browser, two_experiments: Path) -> None:
    """The request is there, folded until it is opened."""
    browser.open(two_experiments)
    open_card(browser, "Test/1 in first: exception")
    assert "Solve Test/1." not in browser.one("#card").text

    (summary,) = [found for found in browser.all("#card summary") if "request" in found.text]
    summary.click()
    browser.await_script("return document.querySelector('#card').innerText.includes('Solve Test/1.')")


def tab_into_the_grid(browser: Browser) -> None:
    """Press Tab until a cell of the grid has the focus, at most twenty times."""
    for _ in range(20):
        if not browser.focused.startswith("Test/"):
            browser.press("TAB")


def test_everything_can_be_done_from_the_keyboard(browser: Browser, two_experiments: Path) -> None:
    """One tab stop for the grid, arrows within it, Enter opens, Escape closes and leads back."""
    browser.open(two_experiments)
    browser.one("#search").click()
    tab_into_the_grid(browser)
    assert browser.focused == "Test/0 in first: passed"

    browser.press("ARROW_DOWN", "ARROW_RIGHT", "ARROW_LEFT", "ENTER")
    browser.await_script("return document.querySelector('#card-body section') !== null")
    assert browser.one("#card-title").text.split() == ["divide", "exception"]

    browser.press("ESCAPE")
    assert not browser.one("#card").is_displayed()
    assert browser.focused == "Test/1 in first: exception"
    browser.press("END")
    assert browser.focused == "Test/3 in first: passed"


def test_the_keyboard_finds_what_the_filters_leave(browser: Browser, two_experiments: Path) -> None:
    """Tab leads to a cell that is shown, and arrows pass over those that are not."""
    browser.open(two_experiments)
    for name in ("passed", "wrong answer", "exception"):
        press_chip(browser, name)
    press_chip(browser, "passed")
    tab_into_the_grid(browser)

    assert browser.focused == "Test/1 in first: exception"
    browser.press("ARROW_DOWN", "ARROW_DOWN")
    assert browser.focused == "Test/2 in first: wrong answer"
    browser.press("HOME")
    assert browser.focused == "Test/1 in first: exception"


def test_from_a_card_one_goes_on_to_the_next_problem_that_is_shown(
    browser: Browser, two_experiments: Path
) -> None:
    """Next and previous keep to the filters."""
    browser.open(two_experiments)
    press_chip(browser, "wrong answer")
    press_chip(browser, "exception")
    open_card(browser, "Test/1 in first: exception")

    browser.one("#card-after").click()
    browser.await_script("return document.querySelector('#card-where').textContent === 'Test/2 in first'")
    browser.one("#card-after").click()
    browser.await_script("return document.querySelector('#card-where').textContent === 'Test/1 in first'")


def test_a_search_keeps_the_rows_that_have_the_words(browser: Browser, two_experiments: Path) -> None:
    """Task, function and message are searched for all words; how many are left is announced."""
    browser.open(two_experiments)
    field = browser.one("#search")
    for wanted, expected in {
        "test/2": ["Test/2"],
        "DIVIDE": ["Test/1"],
        "zerodiv": ["Test/1"],
        "test divide": ["Test/1"],
        "nothing-like-it": [],
    }.items():
        field.clear()
        field.send_keys(wanted)

        assert browser.texts("#grid tbody th") == expected
        assert browser.one("#shown").text == f"{len(expected)} of 4 problems"
    assert browser.one("#shown").aria_role == "status"


def test_a_chip_keeps_the_rows_of_its_kind(browser: Browser, two_experiments: Path) -> None:
    """A chip shows the rows of its kind; several show those of any; pressed twice, it is off again."""
    browser.open(two_experiments)
    for chip, expected in (
        ("wrong answer", ["Test/2"]),
        ("exception", ["Test/1", "Test/2"]),
        ("exception", ["Test/2"]),
        ("wrong answer", ["Test/0", "Test/1", "Test/2", "Test/3"]),
        ("experiments disagree", ["Test/2"]),
    ):
        press_chip(browser, chip)
        assert browser.texts("#grid tbody th") == expected


def test_two_experiments_are_compared_with_their_flips(browser: Browser, two_experiments: Path) -> None:
    """The difference, its p-value, and each flip, which opens its card."""
    browser.open(two_experiments)

    assert "+25.0 points against first: 1 gained, 0 lost, p = 1.0." in browser.one("#verdict").text
    browser.one(".flip.gained").click()
    browser.await_script("return document.querySelector('#card-where').textContent === 'Test/2 in second'")


def test_a_baseline_is_compared_first(browser: Browser, tmp_path: Path) -> None:
    """What CI compares with is what the comparison opens with."""
    run = run_of("+-+", "now")
    baseline = compare(run, Baseline({"Test/0": Fraction(0), "Test/1": Fraction(1), "Test/2": Fraction(1)}))
    browser.open(write_page(tmp_path, run, comparisons={"now": baseline}))

    assert "+0.0 points against the baseline: 1 gained, 1 lost, p = 1.0." in browser.one("#verdict").text
    assert browser.texts(".flip.lost") == ["Test/1"]
    assert "changed since the baseline\n2" in browser.texts(".chip")


def test_of_many_samples_each_can_be_seen(browser: Browser, tmp_path: Path) -> None:
    """The cell has the number that passed; the card opens with the decisive one and leads to the others."""
    browser.open(write_page(tmp_path, run_of(["--+", "---"])))
    assert browser.texts("#grid tbody button") == ["1/3", "0/3"]

    open_card(browser, "Test/0 in one: 1/3 samples passed")
    assert "sample 2" in browser.one("#card-samples").text
    browser.one('#card-samples [aria-label="Next sample"]').click()
    assert "sample 0" in browser.one("#card-samples").text
    browser.all(".square")[1].click()
    assert "sample 1" in browser.one("#card-samples").text


def test_the_curve_of_pass_at_k_is_there_for_several_samples(browser: Browser, tmp_path: Path) -> None:
    """One point for each k, each with its value and interval as a text; nothing for a single sample."""
    browser.open(write_page(tmp_path, run_of(["--+", "+++"])))
    points = [browser.script("return arguments[0].textContent", each) for each in browser.all("circle title")]

    assert points == [
        "one, pass@1: 66.7%, 95 % interval 15.9% to 95.5%",
        "one, pass@2: 83.3%, 95 % interval 24.1% to 98.7%",
        "one, pass@3: 100.0%, 95 % interval 34.2% to 100.0%",
    ]
    assert len(browser.one(".band").get_attribute("points").split()) == 6

    browser.open(write_page(tmp_path, run_of(["+", "-"])))
    assert browser.all("circle") == []


def test_the_manifest_shows_what_differs(browser: Browser, tmp_path: Path) -> None:
    """Two experiments side by side: nested values have paths, settings that differ are marked in words."""
    runs = [
        replace(
            run_of("+", name), manifest={"sampling": {"temperature": heat}, "n": 1, "api": None, "date": name}
        )
        for name, heat in (("cold", 0.0), ("warm", 0.8))
    ]
    browser.open(write_page(tmp_path, *runs))

    assert browser.texts(".manifest tbody tr") == [
        "sampling.temperature differs 0.0 0.8",
        "n 1 1",
        "api – –",  # noqa: RUF001
        "date cold warm",
    ]


def test_cards_are_made_only_when_they_are_opened(browser: Browser, tmp_path: Path) -> None:
    """A page of a thousand samples has no more elements than one of ten, so that it opens as fast."""
    counts = []
    for n in (10, 1000):
        browser.open(write_page(tmp_path, run_of(["-" * n])))
        counts.append(browser.script("return document.querySelectorAll('body *').length"))

    # The curve of pass@k has some more points for more samples.
    assert abs(counts[1] - counts[0]) < 60


def test_a_run_that_was_stopped_has_holes(browser: Browser, tmp_path: Path) -> None:
    """A problem that only one experiment reached has an empty cell in the other."""
    browser.open(write_page(tmp_path, run_of("+-", "whole"), run_of("+", "stopped", selected=2)))

    assert browser.texts("#grid .empty") == ["–"]  # noqa: RUF001 (an en dash for nothing)
    assert browser.console_messages == []
