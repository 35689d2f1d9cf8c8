"""Accessibility and layout of the HTML report: contrast, width, light and dark, names for a screen reader."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from pytest_humaneval.core.records import Outcome
from pytest_humaneval.core.scoring.baseline import Baseline
from pytest_humaneval.core.scoring.gate import compare
from tests.support.browsing import Browser
from tests.support.pages import FAILED, one_of, write_page
from tests.support.records_made import result, run_of

CONTRASTS = Path(__file__).with_name("contrasts.js").read_text(encoding="utf-8")


@pytest.fixture
def colourful(tmp_path: Path) -> Path:
    """A report with every outcome, several samples, a baseline, a gate and notes."""
    results = [
        one_of(number, replace(FAILED, outcome=outcome, seconds=10.0**-number))
        for number, outcome in enumerate(Outcome)
    ]
    many = [result(number, "+-?" * 2) for number in range(len(results))]
    run, other = run_of(results, "an_experiment_with_quite_a_long_name_as_they_are"), run_of(many, "many")
    run = replace(run, experiment=replace(run.experiment, fail_under=0.5))
    baseline = Baseline({f"Test/{n}": Fraction(n % 2) for n in range(9)})
    return write_page(
        tmp_path,
        replace(run, repairs=True, manifest={"sha": "0123456789abcdef" * 8}),
        other,
        comparisons={run.experiment.name: compare(run, baseline)},
        gate="fails",
        notes=["something that a reader must not overlook, at some length " * 3],
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_has_contrast_enough(browser: Browser, colourful: Path, scheme: str) -> None:
    """WCAG 2.2, 1.4.3: at least 4.5 to 1, on the page and on the card."""
    browser.open(colourful, scheme=scheme)
    assert browser.script(CONTRASTS, "body *") == []

    for button in browser.all("#grid tbody button")[:10]:
        browser.script("arguments[0].click()", button)
        browser.await_script("return document.querySelector('#card-body section') !== null")
        assert browser.script(CONTRASTS, "#card *") == []


def test_light_and_dark_are_what_the_reader_prefers_or_chooses(
    browser: Browser, two_experiments: Path
) -> None:
    """The system's preference at first, then the button's."""
    ground = "return getComputedStyle(document.body).backgroundColor"
    browser.open(two_experiments, scheme="light")
    light = browser.script(ground)
    browser.open(two_experiments, scheme="dark")
    dark = browser.script(ground)
    assert light != dark

    browser.one("#theme").click()
    assert browser.one("#theme").text == "Theme: light"
    assert browser.script(ground) == light


@pytest.mark.parametrize("width", [1400, 400])
def test_the_page_never_scrolls_sideways(browser: Browser, colourful: Path, width: int) -> None:
    """A wide table scrolls on its own; the page and the card never scroll sideways."""
    browser.open(colourful, width)
    assert browser.script("return document.documentElement.scrollWidth <= innerWidth")

    browser.script("document.querySelector('#grid tbody button').click()")
    browser.await_script("return document.querySelector('#card-body section') !== null")
    assert browser.script(
        "const c = document.querySelector('#card-body'); return c.scrollWidth <= c.clientWidth"
    )


def test_every_control_has_a_name(browser: Browser, colourful: Path) -> None:
    """A screen reader has a name for each button, field and picture."""
    browser.open(colourful)
    assert nameless(browser, "main") == []

    browser.script("document.querySelector('#grid tbody button').click()")
    browser.await_script("return document.querySelector('#card-body section') !== null")
    assert nameless(browser, "#card") == []


def nameless(browser: Browser, place: str) -> list[str]:
    """Return the controls and pictures without a name, as HTML."""
    found = browser.all(f":is(button, input, select, summary, svg[role=img], dialog):is({place} *, {place})")
    return [each.get_attribute("outerHTML") for each in found if not each.accessible_name]
