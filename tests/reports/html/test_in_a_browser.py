"""The HTML report as a person has it: in a real browser, with a mouse, with a keyboard, read aloud."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from browsing import Browser
from pages import write_page
from records_made import FORMAT, result, run_of

from pytest_humaneval.core.gate import compare
from pytest_humaneval.core.records import Outcome, ProblemResult, Sample
from pytest_humaneval.core.run import Run

FAILED = Sample(
    0,
    Outcome.EXCEPTION,
    raw="I think:\n```python\ndef f():\n    return 1 / 0\n```",
    solution="def f():\n    return 1 / 0\n",
    steps=(FORMAT,),
    message="ZeroDivisionError: division by zero",
    seconds=0.25,
    finish_reason="stop",
    completion_tokens=12,
    failing_line=2,
    output="printed before\n",
)
WRONG = Sample(
    0,
    Outcome.WRONG_ANSWER,
    "raw",
    "def f(): return 9\n",
    message="assert f() == 2\n  actual:   9\n  expected: 2",
)


def one_of(number: int, sample: Sample, entry_point: str = "f") -> ProblemResult:
    """A problem with this sample only."""
    return ProblemResult(f"Test/{number}", entry_point, (sample,))


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A report of two experiments: Test/0 and 3 pass, Test/1 raises, Test/2 is wrong, or passes in the other."""
    shared = ["+", one_of(1, FAILED, "divide")]
    return write_page(
        tmp_path,
        run_of([*shared, one_of(2, WRONG), "+"], "first"),
        run_of([*shared, "+", "+"], "second"),
    )


def open_card(browser: Browser, name: str) -> None:
    """Click a cell of the grid by its name."""
    browser.one(f'#grid button[aria-label="{name}"]').click()
    browser.await_script("return document.querySelector('#card-body section') !== null")


def test_the_overview_tells_each_experiment_s_score(browser: Browser, small: Path) -> None:
    """pass@1, its interval in words for a screen reader, and how many ended how."""
    browser.open(small)

    assert browser.texts(".score") == ["50.0 %", "75.0 %"]
    assert browser.all(".axis")[1].accessible_name == "pass@1 75.0 %, 95 % interval 30.1 % to 95.4 %"
    assert browser.texts(".run:first-of-type .legend li") == ["2 passed", "1 wrong answer", "1 exception"]


def test_a_click_opens_the_failure_card(browser: Browser, small: Path) -> None:
    """All of it: what happened, the program with its line marked, the steps, the output, the commands."""
    browser.open(small)
    open_card(browser, "Test/1 in first: exception")

    told = browser.one("#card").text
    assert "divide exception" in " ".join(told.split())
    assert "ZeroDivisionError: division by zero" in told
    assert browser.texts(".failing") == ["    return 1 / 0"] or browser.texts(".failing") == ["return 1 / 0"]
    assert browser.texts(".step .added") == ["+x"]
    assert "printed before" in told
    assert "I think:" in told
    assert "0.25 s of CPU time, 12 tokens, finish reason stop" in told
    assert "pytest --humaneval-experiment=first --humaneval-tasks=Test/1" in browser.texts(".command code")
    assert browser.complaints == []


def test_the_request_is_unfolded_on_demand(browser: Browser, small: Path) -> None:
    """What was sent to the model is there, and in nobody's way."""
    browser.open(small)
    open_card(browser, "Test/1 in first: exception")
    assert "Solve Test/1." not in browser.one("#card").text

    (summary,) = [found for found in browser.all("#card summary") if "request" in found.text]
    summary.click()
    browser.await_script("return document.querySelector('#card').innerText.includes('Solve Test/1.')")


def test_everything_can_be_done_from_the_keyboard(browser: Browser, small: Path) -> None:
    """One tab stop for the grid, arrows within it, Enter opens, Escape closes and leads back."""
    browser.open(small)
    browser.one("#search").click()
    for _ in range(20):
        browser.press("TAB")
        if browser.focused.startswith("Test/"):
            break
    assert browser.focused == "Test/0 in first: passed"

    browser.press("ARROW_DOWN", "ARROW_RIGHT", "ARROW_LEFT", "ENTER")
    browser.await_script("return document.querySelector('#card-body section') !== null")
    assert browser.one("#card-title").text.split() == ["divide", "exception"]

    browser.press("ESCAPE")
    assert not browser.one("#card").is_displayed()
    assert browser.focused == "Test/1 in first: exception"
    browser.press("END")
    assert browser.focused == "Test/3 in first: passed"


def test_from_a_card_one_goes_on_to_the_next_problem_that_is_shown(browser: Browser, small: Path) -> None:
    """Next and previous keep to the filters."""
    browser.open(small)
    (chip,) = [chip for chip in browser.all(".chip") if chip.text.startswith("wrong answer")]
    chip.click()
    (chip,) = [chip for chip in browser.all(".chip") if chip.text.startswith("exception")]
    chip.click()
    open_card(browser, "Test/1 in first: exception")

    browser.one("#card-after").click()
    browser.await_script("return document.querySelector('#card-where').textContent === 'Test/2 in first'")
    browser.one("#card-after").click()
    browser.await_script("return document.querySelector('#card-where').textContent === 'Test/1 in first'")


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        pytest.param("test/2", ["Test/2"], id="task"),
        pytest.param("DIVIDE", ["Test/1"], id="function"),
        pytest.param("zerodiv", ["Test/1"], id="message"),
        pytest.param("test divide", ["Test/1"], id="all-words"),
        pytest.param("nothing-like-it", [], id="none"),
    ],
)
def test_a_search_keeps_the_rows_that_have_the_words(
    browser: Browser, small: Path, wanted: str, expected: list[str]
) -> None:
    """Task, function and message are searched; how many are left is announced."""
    browser.open(small)
    browser.one("#search").send_keys(wanted)

    assert browser.texts("#grid tbody th") == expected
    assert browser.one("#shown").text == f"{len(expected)} of 4 problems"
    assert browser.one("#shown").aria_role == "status"


@pytest.mark.parametrize(
    ("chips", "expected"),
    [
        pytest.param(["wrong answer"], ["Test/2"], id="an-outcome"),
        pytest.param(["exception", "wrong answer"], ["Test/1", "Test/2"], id="any-of-them"),
        pytest.param(["solved by some only"], ["Test/2"], id="where-experiments-differ"),
        pytest.param(["exception", "exception"], ["Test/0", "Test/1", "Test/2", "Test/3"], id="off-again"),
    ],
)
def test_a_chip_keeps_the_rows_of_its_kind(
    browser: Browser, small: Path, chips: list[str], expected: list[str]
) -> None:
    """Chips say how many rows they stand for, and whether they are pressed."""
    browser.open(small)
    for name in chips:
        (chip,) = [chip for chip in browser.all(".chip") if chip.text.startswith(name)]
        chip.click()

    assert browser.texts("#grid tbody th") == expected


def test_two_experiments_are_compared_with_their_flips(browser: Browser, small: Path) -> None:
    """The difference, its p-value, and each flip, which opens its card."""
    browser.open(small)

    assert "+25.0 points against first: 1 gained, 0 lost, p = 1.0." in browser.one("#flips").text
    browser.one(".flip.gained").click()
    browser.await_script("return document.querySelector('#card-where').textContent === 'Test/2 in second'")


def test_a_baseline_is_compared_first(browser: Browser, tmp_path: Path) -> None:
    """What CI compares with is what the comparison opens with."""
    run = run_of("+-+", "now")
    baseline = compare(run, {"Test/0": 0.0, "Test/1": 1.0, "Test/2": 1.0})
    browser.open(write_page(tmp_path, run, comparisons={"now": baseline}))

    assert "+0.0 points against the baseline: 1 gained, 1 lost, p = 1.0." in browser.one("#flips").text
    assert browser.texts(".flip.lost") == ["Test/1"]
    assert [chip for chip in browser.texts(".chip") if chip.startswith("changed")] == [
        "changed since the baseline2"
    ]


def test_of_many_samples_each_can_be_seen(browser: Browser, tmp_path: Path) -> None:
    """The cell tells how many passed; the card opens with the one that decided, and goes on to the others."""
    browser.open(write_page(tmp_path, run_of(["--+", "---"])))
    assert browser.texts("#grid button") == ["1/3", "0/3"]

    open_card(browser, "Test/0 in one: 1 of 3 samples passed")
    assert "sample 2" in browser.one("#card-samples").text
    browser.one('#card-samples [aria-label="Next sample"]').click()
    assert "sample 0" in browser.one("#card-samples").text
    browser.all(".square")[1].click()
    assert "sample 1" in browser.one("#card-samples").text


def test_the_curve_of_pass_at_k_is_there_for_several_samples(browser: Browser, tmp_path: Path) -> None:
    """One point for each k, each with its value as a text; nothing for a single sample."""
    browser.open(write_page(tmp_path, run_of(["--+", "+++"])))
    points = [
        browser.script("return arguments[0].textContent", point) for point in browser.all("circle title")
    ]

    assert points == ["one, pass@1: 66.7%", "one, pass@2: 83.3%", "one, pass@3: 100.0%"]

    browser.open(write_page(tmp_path, run_of(["+", "-"])))
    assert browser.all("circle") == []


def test_the_manifest_shows_what_differs(browser: Browser, tmp_path: Path) -> None:
    """Two experiments side by side: nested values have paths, and what differs is marked in words."""
    runs = [
        replace(run_of("+", name), manifest={"sampling": {"temperature": heat}, "n": 1, "api": None})
        for name, heat in (("cold", 0.0), ("warm", 0.8))
    ]
    browser.open(write_page(tmp_path, *runs))

    assert browser.texts(".manifest tbody tr") == ["sampling.temperature differs 0.0 0.8", "n 1 1", "api – –"]  # noqa: RUF001


EVIL = [
    "<script>window.ran = 1</script>",
    "</script><script>window.ran = 1</script>",
    "<!--<script>window.ran = 1</script>",
    "<img src=x onerror='window.ran = 1'>",
    "{{ 7 * 7 }} ${window.ran = 1} javascript:window.ran=1",
    "</style></dialog></pre><svg onload='window.ran = 1'>",
]


@pytest.mark.parametrize("text", EVIL)
def test_what_a_model_wrote_is_shown_and_never_run(browser: Browser, tmp_path: Path, text: str) -> None:
    """In every place where its words, or a name, can be: as text, letter by letter."""
    sample = Sample(
        0, Outcome.EXCEPTION, text, text, (replace(FORMAT, diff=text),), text, finish_reason=text, output=text
    )
    run = replace(run_of([one_of(0, sample, text)], text), manifest={text: text})
    browser.open(write_page(tmp_path, run, notes=[text]))
    browser.one("#grid button").click()
    browser.await_script("return document.querySelector('#card-body section') !== null")

    assert browser.script("return window.ran") is None
    for place in ("#card-title", "#card-body", ".run-name", "#grid", ".manifest", ".notes", "#card-where"):
        assert text in browser.script("return document.querySelector(arguments[0]).textContent", place)
    assert browser.complaints == []


def test_no_script_but_the_page_s_own_would_run_even_if_one_got_in(browser: Browser, small: Path) -> None:
    """A second wall behind the escaping: the page's policy knows its one script by its hash."""
    browser.open(small)
    browser.script(
        "const s = document.createElement('script'); s.text = 'window.ran = 1'; document.body.append(s);"
    )

    assert browser.script("return window.ran") is None
    assert any("Content Security Policy" in complaint for complaint in browser.complaints)


def test_nothing_is_fetched(browser: Browser, small: Path) -> None:
    """One file is all there is: no request leaves the page, open cards included."""
    browser.open(small)
    open_card(browser, "Test/1 in first: exception")

    fetched = browser.script("return performance.getEntriesByType('resource').map((entry) => entry.name)")
    assert [name for name in fetched if not name.startswith(("data:", "blob:"))] == []


def test_cards_are_made_only_when_they_are_opened(browser: Browser, tmp_path: Path) -> None:
    """A page of a thousand samples has no more elements than one of ten, so that it opens as fast."""
    counts = []
    for n in (10, 1000):
        browser.open(write_page(tmp_path, run_of(["-" * n])))
        counts.append(browser.script("return document.querySelectorAll('body *').length"))

    assert abs(counts[1] - counts[0]) < 60  # the curve has some points more


def test_a_page_of_half_a_character_is_still_a_page(browser: Browser, tmp_path: Path) -> None:
    """A lone surrogate, of which there is no UTF-8, breaks neither the file nor the card."""
    sample = Sample(0, Outcome.EXCEPTION, "half \ud83d", "half \ud83d", (), "half \ud83d")
    browser.open(write_page(tmp_path, run_of([one_of(0, sample)]), notes=["half \ud83d"]))
    open_card(browser, "Test/0 in one: exception")

    assert "half" in browser.one("#card-body").text
    assert browser.complaints == []


@pytest.fixture
def colourful(tmp_path: Path) -> Path:
    """A report with every outcome, several samples, a baseline, a gate and notes."""
    results = [
        one_of(number, replace(FAILED, outcome=outcome, seconds=10.0**-number))
        for number, outcome in enumerate(Outcome)
    ]
    many = [result(number, "+-?" * 2) for number in range(len(results))]
    run, other = run_of(results, "an_experiment_with_quite_a_long_name_as_they_are"), run_of(many, "many")
    return write_page(
        tmp_path,
        replace(run, repairs=True, manifest={"sha": "0123456789abcdef" * 8}),
        other,
        comparisons={run.experiment.name: compare(run, {f"Test/{n}": n % 2 for n in range(9)})},
        gate="fails",
        fail_under=0.5,
        notes=["something that a reader must not overlook, at some length " * 3],
    )


CONTRASTS = """
const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
function rgba(colour) {
  canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
  const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data; return [r, g, b, a / 255];
}
function over(top, under) { return top.slice(0, 3).map((part, i) => part * top[3] + under[i] * (1 - top[3])); }
function ground(element) {
  if (!element) return [255, 255, 255];
  const own = rgba(getComputedStyle(element).backgroundColor);
  return own[3] === 1 ? own.slice(0, 3) : over(own, ground(element.parentElement));
}
function light(colour) {
  const [r, g, b] = colour.map((part) => part / 255).map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
const poor = [];
for (const element of document.querySelectorAll(arguments[0])) {
  const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
  if (!own || !element.checkVisibility() || element.closest('script, style, .skip')) continue;
  const style = getComputedStyle(element);
  const colour = element.closest('svg') ? style.fill : style.color;
  const back = ground(element), a = light(over(rgba(colour), back)), b = light(back);
  const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  if (ratio < 4.5) poor.push(`${element.className || element.tagName}: ${element.textContent.slice(0, 30)}: ${ratio.toFixed(2)}`);
}
return poor;
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_has_contrast_enough(browser: Browser, colourful: Path, scheme: str) -> None:
    """WCAG 2.2, 1.4.3: at least 4.5 to 1, on the page and on the card."""
    browser.open(colourful, scheme=scheme)
    assert browser.script(CONTRASTS, "body *") == []

    for button in browser.all("#grid button")[:10]:
        browser.script("arguments[0].click()", button)
        browser.await_script("return document.querySelector('#card-body section') !== null")
        assert browser.script(CONTRASTS, "#card *") == []


def test_light_and_dark_are_what_the_reader_prefers_or_chooses(browser: Browser, small: Path) -> None:
    """The system's preference at first, then the button's."""
    ground = "return getComputedStyle(document.body).backgroundColor"
    browser.open(small, scheme="light")
    light = browser.script(ground)
    browser.open(small, scheme="dark")
    dark = browser.script(ground)
    assert light != dark

    browser.one("#theme").click()
    assert browser.one("#theme").text == "Theme: light"
    assert browser.script(ground) == light


@pytest.mark.parametrize("width", [1400, 400])
def test_nothing_sticks_out(browser: Browser, colourful: Path, width: int) -> None:
    """What is too wide scrolls by itself; the page and the card never do so sideways."""
    browser.open(colourful, width)
    assert browser.script("return document.documentElement.scrollWidth <= innerWidth")

    browser.script("document.querySelector('#grid button').click()")
    browser.await_script("return document.querySelector('#card-body section') !== null")
    assert browser.script(
        "const c = document.querySelector('#card-body'); return c.scrollWidth <= c.clientWidth"
    )


def test_every_control_has_a_name(browser: Browser, colourful: Path) -> None:
    """A screen reader can tell each button, field and picture."""
    browser.open(colourful)
    browser.script("document.querySelector('#grid button').click()")
    browser.await_script("return document.querySelector('#card-body section') !== null")

    controls = browser.all("button, input, select, summary, svg[role=img], dialog[open]")
    assert [control.get_attribute("outerHTML") for control in controls if not control.accessible_name] == []


def test_a_run_that_was_stopped_has_holes(browser: Browser, tmp_path: Path) -> None:
    """A problem that only one experiment reached has an empty cell in the other."""
    reached: list[Run] = [run_of(["+", "-"], "whole"), run_of(["+"], "stopped", selected=2)]
    browser.open(write_page(tmp_path, *reached))

    assert browser.texts("#grid .empty") == ["–"]  # noqa: RUF001 (an en dash for nothing)
    assert browser.complaints == []
