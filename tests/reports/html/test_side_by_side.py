"""A problem's programs beside each other, in a real browser: experiments, samples, now and the baseline."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

from pytest_humaneval.core.datasets import Dataset
from pytest_humaneval.core.records import Outcome
from pytest_humaneval.core.results import ProblemResult, Sample
from pytest_humaneval.core.scoring.gate import compare
from pytest_humaneval.core.scoring.run import Run
from pytest_humaneval.reports import baselines, json_report
from tests.support.browsing import Browser
from tests.support.pages import open_card, write_page
from tests.support.records_made import run_of

SUM = "def f(numbers):\n    total = 0\n    for one in numbers:\n        total += one\n    return total\n"
LOUD = SUM.replace("total += one", "total += abs(one)").replace("    total = 0\n", "") + "\nprint(f([1]))\n"
SHA256 = "0" * 64


def run_with(name: str, *programs: str, outcome: Outcome = Outcome.WRONG_ANSWER) -> Run:
    """Return a run of one problem, with a sample of each program."""
    samples = tuple(Sample(index, outcome, f"```\n{each}```", each) for index, each in enumerate(programs))
    run = run_of([ProblemResult("Test/0", "f", samples), "+"], name)
    return replace(run, manifest={"dataset_sha256": SHA256})


def put_beside(browser: Browser, title: str) -> None:
    """Choose a column in the card, and wait for it."""
    (option,) = [each for each in browser.all("#card-beside option") if each.text == title]
    count = len(browser.all(".beside thead th"))
    option.click()
    browser.await_script(f"return document.querySelectorAll('.beside thead th').length > {max(1, count)}")


def rows(browser: Browser) -> list[list[str]]:
    """Return the texts of the programs, row by row; a missing line is empty."""
    cells = "[...row.cells].map((cell) => cell.textContent)"
    found: list[list[str]] = browser.script(
        f"return [...document.querySelectorAll('.programs tr')].map((row) => {cells})"
    )
    return found


def test_two_experiments_stand_side_by_side(browser: Browser, tmp_path: Path) -> None:
    """Their lines are aligned, the words that differ are marked, n and p go from difference to difference."""
    browser.open(write_page(tmp_path, run_with("plain", SUM), run_with("loud", LOUD)))
    open_card(browser, "Test/0 in plain: wrong answer")
    put_beside(browser, "loud")

    assert rows(browser) == [
        ["def f(numbers):", "def f(numbers):"],
        ["    total = 0", ""],
        ["    for one in numbers:", "    for one in numbers:"],
        ["        total += one", "        total += abs(one)"],
        ["    return total", "    return total"],
        ["", ""],
        ["", "print(f([1]))"],
    ]
    assert browser.texts(".programs mark") == ["abs", "(", ")"]
    assert browser.script("return document.querySelectorAll('.programs .missing').length") == 3
    shown = []
    for key in "nnnnp":
        browser.press(key)
        shown.append(browser.one(".beside [role=status]").text)
    assert shown == [f"difference {number} of 3" for number in (1, 2, 3, 1, 3)]
    assert [row.text for row in browser.all(".here td.alone")] == ["", "print(f([1]))"]
    assert browser.console_messages == []


def test_a_copied_link_shows_the_same_columns(browser: Browser, tmp_path: Path) -> None:
    """Samples beside each other, each stepped through by itself; Back takes the last column away."""
    path = write_page(tmp_path, run_with("one", SUM, LOUD, SUM), run_with("two", LOUD))
    browser.open(path)
    open_card(browser, "Test/0 in one: 0/3 samples passed")
    put_beside(browser, "another sample of one")
    put_beside(browser, "two")
    browser.one('[aria-label="Next sample of one, column 2"]').click()
    browser.await_script(
        "return document.querySelectorAll('.beside th')[1].innerText.includes('sample 2 of 3')"
    )
    assert browser.focused == "Next sample of one, column 2"
    address = browser.script("return location.hash")

    browser.script("location.replace('about:blank')")
    browser.open(path)
    browser.script("location.hash = arguments[0]", f"{address}&beside=:gone")
    browser.await_script("return document.querySelectorAll('.beside thead th').length === 3")
    heads = [" ".join(text.split()) for text in browser.texts(".beside thead th")]
    assert ["sample 0 of 3" in heads[0], "sample 2 of 3" in heads[1]] == [True, True]
    assert browser.one("#card-missing").text == "Not in this report, or without this problem: gone."
    browser.one('[aria-label="Remove two, column 3"]').click()
    browser.await_script("return document.querySelectorAll('.beside thead th').length === 2")
    browser.back()
    browser.await_script("return document.querySelectorAll('.beside thead th').length === 3")
    assert browser.console_messages == []


def test_now_and_the_baseline(browser: Browser, tmp_path: Path) -> None:
    """The baseline's program is read from its report, as long as that is there."""
    report = tmp_path / "main.json"
    json_report.write(report, [run_with("one", *[SUM] * 25)], {})
    now = run_with("one", LOUD)
    baseline = baselines.read(report, "one", is_only=True, dataset=Dataset(report, SHA256, ()))
    comparisons = {"one": compare(now, baseline)}
    browser.open(write_page(tmp_path, now, comparisons=comparisons))
    open_card(browser, "Test/0 in one: wrong answer")
    put_beside(browser, "baseline of one")

    assert rows(browser)[1] == ["", "    total = 0"]
    assert "sample 0 of 20, 5 more in its report" in browser.texts(".beside thead th")[1]

    report.unlink()
    browser.open(write_page(tmp_path, now, comparisons=comparisons))
    assert "one: the programs of its baseline are not shown" in browser.one(".notes").text
    assert browser.console_messages == []


def test_long_programs_do_not_stop_the_page(browser: Browser, tmp_path: Path) -> None:
    """Few differences among 5,000 lines are found; where nearly all differ, the card says how it compares."""
    long = "".join(f"a{number} = {number}\n" for number in range(5000))
    near = long.replace("a2500 =", "b =").replace("a4999 =", "c =")
    far = "".join(f"b{number} = {number}\n" for number in range(5000))
    browser.open(write_page(tmp_path, run_with("long", long), run_with("near", near), run_with("far", far)))
    open_card(browser, "Test/0 in long: wrong answer")
    put_beside(browser, "near")
    assert browser.one(".beside [role=status]").text == "2 differences"
    assert len(browser.all(".programs tr")) < 5000
    browser.press("p")
    assert "c = 4999" in [row.text for row in browser.all(".here td")]

    put_beside(browser, "far")
    assert "More than 1000 lines differ: line is compared with line." in browser.one(".beside .note").text
    assert rows(browser)[1] == ["a1 = 1", "a1 = 1", "b1 = 1"]
    assert browser.console_messages == []


def longest_common(one: list[str], other: list[str]) -> int:
    """Return the length of the longest common subsequence, by its recurrence."""
    row = [0] * (len(other) + 1)
    for each in one:
        diagonal = 0
        for place, wanted in enumerate(other, start=1):
            diagonal, row[place] = (
                row[place],
                diagonal + 1 if each == wanted else max(row[place], row[place - 1]),
            )
    return row[-1]


def test_as_much_as_possible_is_found_equal(browser: Browser, tmp_path: Path) -> None:
    """Of small lists, drawn by chance: equal elements, in order, as many as there can be."""
    chance = random.Random(0)  # noqa: S311 (test data)
    pairs = [[chance.choices("abc", k=chance.randrange(12)) for _ in range(2)] for _ in range(300)]
    browser.open(write_page(tmp_path, run_of("+")))
    found = browser.script("return arguments[0].map(([a, b]) => commonPlaces(a, b, 30))", pairs)

    for (one, other), places in zip(pairs, found, strict=True):
        assert all(one[x] == other[y] for x, y in places)
        assert places == sorted(places)
        assert len(places) == longest_common(one, other)
        assert all(len({place[side] for place in places}) == len(places) for side in (0, 1))
