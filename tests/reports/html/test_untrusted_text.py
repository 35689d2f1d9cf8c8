"""A model's text is shown in the HTML report character by character, and never executed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from pytest_humaneval.core.records import Outcome
from pytest_humaneval.core.results import ProblemResult, Sample
from pytest_humaneval.reports.visible import visible
from tests.support.browsing import Browser
from tests.support.hostile_texts import HOSTILE
from tests.support.pages import one_of, open_card, write_page
from tests.support.records_made import FORMAT, run_of

# What an open card shows: the title and each section, the number of its elements, and those that no card has.
SHOWN = """
const card = document.querySelector('#card');
const parts = [...card.querySelectorAll('section')]
  .map((part) => [part.querySelector('h3').textContent, part.textContent])
  .filter(([title]) => !['Prompt', 'Run again'].includes(title));
const foreign = 'script, style, iframe, svg, math, img, a, link, meta, base, form, input, object, audio';
const count = (selector) => card.querySelectorAll(selector).length;
const title = card.querySelector('#card-title').textContent;
return { title, parts, elements: count('*'), foreign: count(foreign) };
"""


def hostile_page(folder: Path) -> Path:
    """Write a report in which every text and every name that a model or a user gives is hostile."""
    results = []
    for number, text in enumerate(HOSTILE):
        sample = Sample(
            0,
            Outcome.EXCEPTION,
            f"raw {text}",
            text,
            (replace(FORMAT, name=text[:80], diff=text),),
            text,
            finish_reason=text[:80],
            output=text,
            reasoning=text,
            failed_example=text,
            failing_line=1,
        )
        results.append(ProblemResult(f"{text[:80]}/{number}", text[:80], (sample,)))
    names = ["</script><img src=x onerror='window.ran = 1'>", "{{ 7 * 7 }}\u202e"]
    runs = [replace(run_of(results, name), manifest={name: name}) for name in names]
    return write_page(folder, *runs, notes=[text[:200] for text in HOSTILE])


def test_a_model_s_text_is_shown_and_never_run(browser: Browser, tmp_path: Path) -> None:
    """Each card shows its text letter by letter; nothing runs, is fetched, or fills the page."""
    browser.open(hostile_page(tmp_path))
    for number, text in enumerate(HOSTILE):
        # By its name, which not every protocol can carry to the browser.
        browser.script(
            "const [number] = arguments;"
            "return unpack('index').then((index) => address.change({ problem: index.problems[number][0] }))",
            number,
        )
        browser.await_script(
            f"return document.querySelector('#card-where').textContent.includes('/{number} in')"
        )
        found = browser.script(SHOWN)
        line = visible(text.split("\n")[0][:3000])
        assert found["title"].startswith(visible(text[:80])), number
        assert [title for title, part in found["parts"] if line not in part] == [], number
        assert len(found["parts"]) == 6, number
        assert found["elements"] < 5000, number
        assert found["foreign"] == 0, number
    assert browser.script("return [window.ran, document.title === 'ran']") == [None, False]
    fetched = browser.script("return performance.getEntriesByType('resource').map((entry) => entry.name)")
    assert [name for name in fetched if not name.startswith(("data:", "blob:"))] == []
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


def test_the_page_and_the_terminal_escape_the_same_characters(
    browser: Browser, two_experiments: Path
) -> None:
    """Of all that Unicode has: controls, what has no width or turns the direction, lone surrogates."""
    browser.open(two_experiments)
    in_page = browser.script(
        "const all = Array.from({ length: 0x110000 }, (_, code) => String.fromCodePoint(code));"
        "return all.map((letter, code) => [code, visible(letter)])"
        ".filter(([code, shown]) => shown !== String.fromCodePoint(code))"
    )

    letters = map(chr, range(0x110000))
    expected = [[ord(letter), visible(letter)] for letter in letters if visible(letter) != letter]
    assert in_page == expected
    assert [0x202E, "\\u202e"] in expected
