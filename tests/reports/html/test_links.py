"""The address of the HTML report says what it shows: links, Back and Forward, in a real browser."""

from __future__ import annotations

from pathlib import Path

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
