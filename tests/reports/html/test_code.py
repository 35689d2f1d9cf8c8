"""Code in the HTML report: its colours, its lines, what can be copied, how it wraps."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from pygments.lexers.python import PythonLexer
from pygments.token import Token

from pytest_humaneval.core.datasets import read_dataset
from pytest_humaneval.core.records import Outcome
from pytest_humaneval.core.results import ProblemResult, Sample
from pytest_humaneval.reports.html.highlighting import Highlighter
from tests.support.browsing import Browser
from tests.support.pages import open_card, write_page
from tests.support.records_made import run_of

CONTRASTS = Path(__file__).with_name("contrasts.js").read_text(encoding="utf-8")
# Every colour: 𝄞 is two code units in JavaScript, and "return x" stands within a text and outside.
PROGRAM = '''@decorated
def f(x: int) -> str:
    """𝄞 some
    return x
    """
    y = 1 if x else 2.5  # 𝄞 why
    raise ValueError(f"{y!r}\\n", y)
    return x
'''
# The colours that a character may have, by its token in the whole program: an escape in a text has its own.
COLOURS_OF = {
    Token.Literal.String: "se",
    Token.Comment: "c",
    Token.Keyword: "k",
    Token.Literal.Number: "n",
    Token.Operator: "k-",
    Token.Punctuation: "-",
    Token.Name: "bfd-",
}


def painted(program: str) -> str:
    """Return a letter for each character of a program of ASCII: its colour, or ``-``."""
    stored = iter(Highlighter(10**6).colours([program]))
    known: dict[tuple[int, str], tuple[str, int]] = {}
    letters, state = [], 0
    for line in program.split("\n"):
        if (state, line) not in known:
            runs, _, after = (next(stored) or "").partition(">")
            known[state, line] = runs, int(after or state)
        runs, state = known[state, line]
        text = "".join(letter * int(length) for letter, length in re.findall(r"([-a-z])(\d+)", runs))
        letters.append(text.ljust(len(line), "-"))
    assert list(stored) == []
    return "\n".join(letters)


def test_a_line_has_the_colours_that_it_has_in_its_program() -> None:
    """Line by line, every solution of HumanEval is coloured as Pygments sees it as a whole."""
    for problem in read_dataset().problems:
        program = (problem.prompt + problem.canonical_solution).encode("ascii", "replace").decode()
        found = painted(program)
        for start, kind, text in PythonLexer().get_tokens_unprocessed(program):
            letters = {found[start + place] for place, char in enumerate(text) if not char.isspace()}
            allowed = [colours for parent, colours in COLOURS_OF.items() if kind in parent]
            assert letters <= set("".join(allowed)), (problem.task_id, text)


def test_an_equal_line_is_coloured_once_and_the_rest_when_there_is_room() -> None:
    """A thousand equal samples cost no more than one; lines beyond the limit are left without colours."""
    one = Highlighter(10**6).colours([PROGRAM])

    assert Highlighter(10**6).colours([PROGRAM] * 1000) == one
    assert Highlighter(len(PROGRAM.split("\n")[0])).colours([PROGRAM])[:2] == ["d10", None]
    assert Highlighter(10**6).colours(["x" * 3000, "if x:"]) == [None, "k3"]


@pytest.fixture
def coloured(tmp_path: Path) -> Path:
    """A report with a line of each colour, and each of these lines as the failing one."""
    raw = f"Sure:\n```python\n{PROGRAM}```"
    sample = Sample(0, Outcome.EXCEPTION, raw, PROGRAM, message="ValueError")
    failing = tuple(replace(sample, sample_index=line - 1, failing_line=line) for line in range(1, 9))
    changed = replace(sample, solution=re.sub(r"(\w+)", r"\1s", PROGRAM))
    result = ProblemResult("Test/0", "f", failing)
    return write_page(tmp_path, run_of([result], "one"), run_of([replace(result, samples=(changed,))], "two"))


def test_code_has_its_colours(browser: Browser, coloured: Path) -> None:
    """Each word in the class of its kind, within a text of several lines too, of any width."""
    browser.open(coloured)
    open_card(browser, "Test/0 in one: 0/8 samples passed")
    shown = browser.script(
        "return [...document.querySelector('.failing').closest('pre').querySelectorAll('[class^=t-]')]"
        ".map((part) => [part.className[2], part.textContent.trim()])"
    )

    assert shown == [
        ["d", "@decorated"],
        *(["k", "def"], ["f", "f"], ["b", "int"], ["b", "str"]),
        *(["s", '"""𝄞 some'], ["s", "return x"], ["s", '"""']),
        *(["n", "1"], ["k", "if"], ["k", "else"], ["n", "2.5"], ["c", "# 𝄞 why"]),
        *(["k", "raise"], ["b", "ValueError"], ["s", 'f"'], ["e", "{"], ["e", "!r}\\n"], ["s", '"']),
        ["k", "return"],
    ]
    assert browser.console_messages == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_colour_can_be_read_wherever_it_stands(browser: Browser, coloured: Path, scheme: str) -> None:
    """WCAG 2.2, 1.4.3: on the failing line, in a line that differs, and in a word that does."""
    browser.open(coloured, scheme=scheme)
    for sample in range(8):
        beside = [{"experiment": "two", "sample": None}] if sample % 2 else []
        state = {"problem": "Test/0", "experiment": "one", "sample": sample, "beside": beside}
        browser.script("address.change(arguments[0])", state)
        browser.await_script(
            f"return document.querySelector('#card-samples')?.innerText.includes('sample {sample}')"
            f" && document.querySelectorAll('.beside').length === {len(beside)}"
        )
        assert browser.script(CONTRASTS, "#card *") == []


def test_what_is_copied_is_the_text_itself(browser: Browser, tmp_path: Path) -> None:
    """Program, completion, prompt and command: no line numbers, no escapes."""
    program = "def f():\n    return '\u200b\u202e'\n"
    sample = Sample(0, Outcome.EXCEPTION, f"Sure:\n{program}", program, message="ValueError")
    browser.open(write_page(tmp_path, run_of([ProblemResult("Test/0", "f", (sample,))])))
    open_card(browser, "Test/0 in one: exception")
    # The clipboard itself belongs to the system.
    browser.script(
        "window.copied = [];navigator.clipboard.writeText = async (text) => { window.copied.push(text); }"
    )
    for button in browser.all("#card [aria-label^=Copy]"):
        button.click()
    browser.await_script("return window.copied.length === 5")

    copied = browser.script("return window.copied")
    assert copied[:3] == [program, 'def f():\n    """Return 0."""\n', f"Sure:\n{program}"]
    assert copied[3] == "pytest --humaneval-experiment=one --humaneval-tasks=Test/0"
    assert {button.text for button in browser.all("#card [aria-label^=Copy]")} == {"Copied"}
    assert "'\\u200b\\u202e'" in browser.all("#card-body .numbered")[1].text


def test_lines_wrap_until_the_reader_wants_them_whole(browser: Browser, tmp_path: Path) -> None:
    """The choice is remembered for the next page."""
    sample = Sample(0, Outcome.EXCEPTION, "raw", f"x = '{'long ' * 200}'\n")
    path = write_page(tmp_path, run_of([ProblemResult("Test/0", "f", (sample,))]))
    is_wide = "const pre = document.querySelector('#card-body pre'); return pre.scrollWidth > pre.clientWidth"
    browser.open(path)
    open_card(browser, "Test/0 in one: exception")
    assert not browser.script(is_wide)

    browser.one("#card-wrap").click()
    assert browser.script(is_wide)
    browser.script("location.reload()")
    browser.await_script("return document.querySelector('#card-body section') !== null")
    assert browser.script(is_wide)
    assert browser.one("#card-wrap").get_attribute("aria-pressed") == "false"
    browser.one("#card-wrap").click()
    assert not browser.script(is_wide)
