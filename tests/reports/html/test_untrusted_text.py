"""A model's text is shown in the HTML report character by character, and never executed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pytest_humaneval.core.records import Outcome
from pytest_humaneval.core.results import Sample
from tests.support.browsing import Browser
from tests.support.pages import one_of, open_card, write_page
from tests.support.records_made import FORMAT, run_of

EVIL = [
    "<script>window.ran = 1</script>",
    "</script><script>window.ran = 1</script>",
    "<!--<script>window.ran = 1</script>",
    "<img src=x onerror='window.ran = 1'>",
    "{{ 7 * 7 }} ${window.ran = 1} javascript:window.ran=1",
    "</style></dialog></pre><svg onload='window.ran = 1'>",
]


@pytest.mark.parametrize("text", EVIL)
def test_a_model_s_text_is_shown_and_never_run(browser: Browser, tmp_path: Path, text: str) -> None:
    """Everywhere a model's text or a name can be, it is shown as text."""
    sample = Sample(
        0, Outcome.EXCEPTION, text, text, (replace(FORMAT, diff=text),), text, finish_reason=text, output=text
    )
    run = replace(run_of([one_of(0, sample, text)], text), manifest={text: text})
    browser.open(write_page(tmp_path, run, notes=[text]))
    browser.one("#grid tbody button").click()
    browser.await_script("return document.querySelector('#card-body section') !== null")

    assert browser.script("return window.ran") is None
    for place in ("#card-title", "#card-body", ".run-name", "#grid", ".manifest", ".notes", "#card-where"):
        assert text in browser.script("return document.querySelector(arguments[0]).textContent", place)
    assert browser.console_messages == []


def test_no_script_but_the_page_s_own_would_run_even_if_one_got_in(
    browser: Browser, two_experiments: Path
) -> None:
    """A second protection behind the escaping: the page's policy has the hash of its one script."""
    browser.open(two_experiments)
    browser.script(
        "const s = document.createElement('script'); s.text = 'window.ran = 1'; document.body.append(s);"
    )

    assert browser.script("return window.ran") is None
    assert any("Content Security Policy" in message for message in browser.console_messages)


def test_nothing_is_fetched(browser: Browser, two_experiments: Path) -> None:
    """One file is all there is: no request leaves the page, open cards included."""
    browser.open(two_experiments)
    open_card(browser, "Test/1 in first: exception")

    fetched = browser.script("return performance.getEntriesByType('resource').map((entry) => entry.name)")
    assert [name for name in fetched if not name.startswith(("data:", "blob:"))] == []


def test_a_lone_surrogate_breaks_no_page(browser: Browser, tmp_path: Path) -> None:
    """A lone surrogate, of which there is no UTF-8, breaks neither the file nor the card."""
    sample = Sample(0, Outcome.EXCEPTION, "half \ud83d", "half \ud83d", (), "half \ud83d")
    browser.open(write_page(tmp_path, run_of([one_of(0, sample)]), notes=["half \ud83d"]))
    open_card(browser, "Test/0 in one: exception")

    assert browser.script("return document.querySelector('#card-body').textContent.includes('half')")
    assert browser.console_messages == []


def test_invisible_characters_are_shown_as_escapes(browser: Browser, tmp_path: Path) -> None:
    """An override of the reading direction, which makes code read as what it is not, is an escape."""
    text = "a\u202eb\x1bc\td\n"
    browser.open(
        write_page(tmp_path, run_of([one_of(0, Sample(0, Outcome.EXCEPTION, text, text, (), text))]))
    )
    open_card(browser, "Test/0 in one: exception")

    text_shown = browser.script("return document.body.textContent")
    assert "\u202e" not in text_shown
    assert "\x1b" not in text_shown
    for place in ("#card-body pre.long", ".numbered"):
        shown = [browser.script("return arguments[0].textContent", found) for found in browser.all(place)]
        assert any(found.startswith("a\\u202eb\\u001bc\td") for found in shown)
