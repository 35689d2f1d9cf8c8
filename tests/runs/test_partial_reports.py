"""The HTML report while its run goes on: written now and then, always whole, and true about its state."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from pytest_humaneval.core.ports import WritesPartial
from pytest_humaneval.core.scoring.session_summary import SessionSummary, Unfinished
from pytest_humaneval.evaluation.report_writing import Reports
from pytest_humaneval.reports.html.report import Page, write
from tests.support.browsing import Browser
from tests.support.eight_problems import eight_problems, solving_model
from tests.support.evaluating import command_line
from tests.support.interrupting import interrupted, linux_only
from tests.support.pages import card_of, open_card
from tests.support.processes import DEADLINE_S, wait_until
from tests.support.records_made import run_of
from tests.support.serving import StartServer
from tests.support.stub_server import StubServer

OFTEN = """
    from pytest_humaneval.evaluation import partial_reports

    partial_reports.EVERY_S = 0.5
    partial_reports.WAIT_RATIO = 0
"""


FOLDS = "return [...document.querySelectorAll('main details')].map((each) => each.open)"


@pytest.fixture
def held_back(stub_server: StartServer, pytester: pytest.Pytester) -> StubServer:
    """A server that holds the first three requests of eight back; reports are written often."""
    pytester.makeconftest(OFTEN)
    return stub_server(solving_model(*["hang"] * 3))


def flags(server: StubServer, *more: str) -> list[str]:
    """Return the flags of a run of eight problems with a page."""
    return [*eight_problems(server.base_url), "--humaneval-html=page.html", *more]


@contextmanager
def running(folder: Path, args: Sequence[str]) -> Iterator[subprocess.Popen[str]]:
    """Run pytest in a folder until its page says that it is running."""
    with subprocess.Popen(
        command_line(*args), cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            wait_until(lambda: "Running, " in page_text(folder))
            yield process
        finally:
            process.kill()


def page_text(folder: Path) -> str:
    """Return the page, or nothing where there is none yet."""
    path = folder / "page.html"
    return path.read_text("utf-8") if path.exists() else ""


def test_an_open_page_follows_its_run_to_the_end(
    browser: Browser, held_back: StubServer, pytester: pytest.Pytester
) -> None:
    """It says how far the run is, and becomes the finished report by itself, where the reader is on it."""
    with running(pytester.path, flags(held_back)) as process:
        wait_until(lambda: "Running, 5 of 8 problems judged" in page_text(pytester.path))
        browser.open(pytester.path / "page.html")
        # While something is selected the page does not reload.
        browser.script("getSelection().selectAllChildren(document.querySelector('h1'))")
        assert browser.texts("#grid .empty") == ["not judged yet"] * 3
        assert browser.texts(".interval-text") == ["still possible: 62.5 % to 100.0 %"]
        name = browser.all("#grid tbody button")[0].accessible_name
        browser.script("for (const each of document.querySelectorAll('main details')) each.open = !each.open")
        folds = browser.script(FOLDS)
        browser.script("scrollTo(0, 200)")
        open_card(browser, name)

        browser.script("getSelection().removeAllRanges()")
        held_back.behaviour.lets_go = True
        assert process.wait(DEADLINE_S) == 0
        browser.await_script("return document.documentElement.dataset.ready && !byId('live')")

    browser.await_script("return document.querySelector('#card-body section') !== null")
    assert name.startswith(browser.one("#card-where").text)
    browser.await_script("return scrollY === 200")
    assert browser.script(FOLDS) == folds
    assert browser.texts(".score") == ["100.0 %"]
    assert browser.console_messages == []


@linux_only
@pytest.mark.usefixtures("interruptible")
def test_ctrl_c_leaves_a_page_that_says_so(held_back: StubServer, pytester: pytest.Pytester) -> None:
    """A page that was running says at last that the run was interrupted."""
    interrupted(
        pytester.path,
        flags(held_back),
        lambda _: "Running, 5 of 8 problems judged" in page_text(pytester.path),
    )

    # Where any test has ended, the report has those results alone, as the terminal does.
    assert re.search(r"Interrupted, [1-5] of 8 problems judged", page_text(pytester.path))
    assert "Running, " not in page_text(pytester.path)


def test_a_run_that_is_killed_leaves_a_whole_page(held_back: StubServer, pytester: pytest.Pytester) -> None:
    """With workers the controller writes the page; whenever it dies, no half of one is left."""
    held_back.behaviour.faults = [*[None] * 5, *["hang"] * 3]
    with running(pytester.path, flags(held_back, "-n2")) as process:
        process.kill()
        process.wait(DEADLINE_S)
        held_back.stop()

    page = page_text(pytester.path)
    assert re.search(r"Running, \d of 8 problems judged", page)
    assert page.endswith("</html>")


class Broken:
    """A report that cannot be written while the run goes on."""

    def __init__(self) -> None:
        self.calls = 0

    def write(self, session: SessionSummary) -> Sequence[str]:
        """Write nothing."""
        return [f"{len(session.runs)} runs"]

    def write_partial(self, session: SessionSummary) -> None:
        """Fail."""
        self.calls += 1
        raise OSError(28, "No space left on device", str(len(session.runs)))


def test_a_page_that_cannot_be_written_costs_a_warning_and_no_more() -> None:
    """One line, and at the end the report is written all the same."""
    broken: Broken = Broken()
    assert isinstance(broken, WritesPartial)
    reports, warnings = Reports({"html": broken}, {"html": "pytest-humaneval"}), list[str]()

    for _ in range(2):
        reports.write_partial(SessionSummary([], {}, None), warnings.append)
    reports.write(SessionSummary([], {}, None))

    (warning,) = warnings
    assert "report 'html' was not written during the run" in warning
    assert "No space left on device" in warning
    assert broken.calls == 1
    assert (reports.lines, reports.trouble) == (["0 runs"], [])


def test_a_page_that_stays_as_it_was_says_that_its_run_may_have_been_stopped(
    browser: Browser, tmp_path: Path
) -> None:
    """A killed run can say nothing; its page sees that nothing was written for several intervals."""
    waiting = {"one": ["Test/1"]}
    selected = {"one": [("Test/0", "f"), ("Test/1", "f")]}
    path = tmp_path / "page.html"
    write(path, Page([run_of("+", selected=2)], {}, card_of, None, (), Unfinished(waiting, 2, 0.1), selected))

    browser.open(path)

    browser.await_script("return byId('live-note')?.textContent.endsWith('the run may have been stopped.')")
