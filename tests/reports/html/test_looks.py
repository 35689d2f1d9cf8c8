"""Layout of the HTML report: contrast of every outcome, width, light and dark."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.browsing import Browser

CONTRASTS = Path(__file__).with_name("contrasts.js").read_text(encoding="utf-8")


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
