"""The address of the HTML report says what it shows: links, Back and Forward, in a real browser."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.browsing import Browser
from tests.support.pages import open_card

CARD = "return document.querySelector('#card').open && document.querySelector('#card-where').textContent"


def test_back_and_forward_close_and_open_the_card(browser: Browser, two_experiments: Path) -> None:
    """A card that is opened is a new address; Back leads to the grid, Forward to the card again."""
    browser.open(two_experiments)
    open_card(browser, "Test/2 in first: wrong answer")
    assert browser.fragment == "problem=Test/2&experiment=first"

    browser.back()
    browser.await_script("return !document.querySelector('#card').open")
    assert browser.fragment == ""
    browser.forward()
    browser.await_script(f"{CARD} === 'Test/2 in first'")
    browser.press("ESCAPE")
    browser.await_script("return location.hash === ''")
    assert browser.console_messages == []


def test_a_copied_link_opens_the_same_card(browser: Browser, two_experiments: Path) -> None:
    """In another tab, the address alone is enough."""
    browser.open(two_experiments, fragment="problem=Test/2&experiment=first")

    browser.await_script(f"{CARD} === 'Test/2 in first'")
    assert browser.console_messages == []


def test_a_link_has_the_search_the_filters_and_the_order(browser: Browser, two_experiments: Path) -> None:
    """What one reader sees, another one opens; letters typed are no steps of Back."""
    browser.open(
        two_experiments, fragment="search=test&filter=passed:second&filter=disagree&join=and&sort=-problem"
    )
    assert browser.texts("#grid tbody th") == ["Test/2"]
    assert browser.one("#search").get_attribute("value") == "test"

    browser.one("#clear-filters").click()
    assert browser.texts("#grid tbody th") == ["Test/3", "Test/2", "Test/1", "Test/0"]
    browser.one("#search").send_keys("/1")
    assert browser.fragment == "search=test/1&sort=-problem"
    browser.back()
    browser.await_script("return document.querySelectorAll('#grid tbody th').length === 1")
    assert browser.texts("#grid tbody th") == ["Test/2"]


@pytest.mark.parametrize(
    ("fragment", "notice"),
    [
        pytest.param(
            "problem=Test/1&experiment=renamed&filter=passed:gone&sort=in:gone",
            "problem Test/1 in experiment renamed, experiment gone",
            id="of-another-file",
        ),
        pytest.param(
            "problem=%3Cimg%20src=x%20onerror=window.ran=1%3E&sample=-1e9&filter=__proto__&sort=toString&show=%E0%A4&%",
            "problem <img src=x onerror=window.ran=1>, outcome __proto__",
            id="hostile",
        ),
    ],
)
def test_an_address_that_fits_nothing_does_no_harm(
    browser: Browser, two_experiments: Path, fragment: str, notice: str
) -> None:
    """The whole page is shown, and one line says what is not in it."""
    browser.open(two_experiments, fragment=fragment)

    assert browser.one("#notice").text == f"The address names what this report does not have: {notice}."
    assert len(browser.texts("#grid tbody th")) == 4
    assert not browser.one("#card").is_displayed()
    assert browser.script("return window.ran") is None
    assert browser.console_messages == []
