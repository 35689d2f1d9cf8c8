"""Accessibility of the HTML pages, as axe-core judges it (WCAG 2.2 A and AA, and its good practices)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pytest_humaneval.reports import json_report
from pytest_humaneval.reports.history import read_history
from pytest_humaneval.reports.html.history import write_history
from tests.support.browsing import Browser
from tests.support.records_made import run_of

AXE = Path(__file__).parent / "axe" / "node_modules" / "axe-core" / "axe.min.js"

pytestmark = pytest.mark.skipif(not AXE.exists(), reason="needs axe-core: npm ci, in tests/reports/html/axe")

WINDOWS = [
    pytest.param(1400, "light", id="wide-light"),
    pytest.param(400, "light", id="narrow-light"),
    pytest.param(1400, "dark", id="wide-dark"),
    pytest.param(400, "dark", id="narrow-dark"),
]

# The size of what is clicked (WCAG 2.2, 2.5.8) is the one rule of level AA that has to be asked for.
RUN = """
const options = { resultTypes: ["violations"], rules: { "target-size": { enabled: true } } };
return axe.run(document, options).then(({ violations }) =>
  violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html}: ${node.failureSummary}`)));
"""


def violations(browser: Browser) -> list[str]:
    """Return what axe-core finds wrong on the page as it is shown: rule, element and reason."""
    browser.script(f"if (!window.axe) {{ {AXE.read_text('utf-8')} }}")
    return [str(violation) for violation in browser.script(RUN)]


@pytest.mark.parametrize(("width", "scheme"), WINDOWS)
def test_the_report_has_no_violation(browser: Browser, colourful: Path, width: int, scheme: str) -> None:
    """Neither the page, nor the sheet of keys, nor an open card."""
    browser.open(colourful, width, scheme)
    assert violations(browser) == []

    browser.press("?")
    assert browser.one("#help").is_displayed()
    assert violations(browser) == []
    browser.press("ESCAPE")

    browser.script("document.querySelector('#grid tbody button').click()")
    browser.await_script("return document.querySelector('#card-body section') !== null")
    assert violations(browser) == []


@pytest.mark.parametrize(("width", "scheme"), WINDOWS)
def test_experiments_beside_each_other_have_no_violation(
    browser: Browser, two_experiments: Path, width: int, scheme: str
) -> None:
    """Two programs in columns, with what differs marked."""
    fragment = "problem=Test/2&experiment=first&beside=:second"
    browser.open(two_experiments, width, scheme, fragment=fragment)
    browser.await_script("return document.querySelector('#card-body table') !== null")

    assert violations(browser) == []


@pytest.mark.parametrize(("width", "scheme"), WINDOWS)
def test_a_history_has_no_violation(browser: Browser, tmp_path: Path, width: int, scheme: str) -> None:
    """The page of ``pytest-humaneval history``: its plots and its tables."""
    for number, results in enumerate(["+--", "++-", "-++"]):
        run = replace(run_of(results), manifest={"dataset_sha256": "0" * 64})
        json_report.write(tmp_path / f"{number}.json", [run], {}, None)
    page = tmp_path / "history.html"
    write_history(page, read_history(tmp_path), "reports")
    browser.open(page, width, scheme, ready=False)

    assert violations(browser) == []
