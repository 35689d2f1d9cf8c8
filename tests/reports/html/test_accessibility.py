"""Accessibility of the HTML pages, as axe-core judges it (WCAG 2.2 A and AA, and its good practices)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.browsing import Browser

AXE = Path(__file__).parent / "axe" / "node_modules" / "axe-core" / "axe.min.js"

pytestmark = pytest.mark.skipif(not AXE.exists(), reason="needs axe-core: npm ci, in tests/reports/html/axe")

WINDOWS = [
    pytest.param(1400, "light", id="wide-light"),
    pytest.param(400, "light", id="narrow-light"),
    pytest.param(1400, "dark", id="wide-dark"),
    pytest.param(400, "dark", id="narrow-dark"),
]

RUN = """
return axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) =>
  violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html}: ${node.failureSummary}`)));
"""


def violations(browser: Browser) -> list[str]:
    """Return what axe-core finds wrong on the page as it is shown: rule, element and reason."""
    browser.script(f"if (!window.axe) {{ {AXE.read_text('utf-8')} }}")
    return [str(violation) for violation in browser.script(RUN)]


@pytest.mark.parametrize(("width", "scheme"), WINDOWS)
def test_the_report_has_no_violation(browser: Browser, colourful: Path, width: int, scheme: str) -> None:
    """Neither the page nor an open card."""
    browser.open(colourful, width, scheme)
    assert violations(browser) == []

    browser.script("document.querySelector('#grid button').click()")
    browser.await_script("return document.querySelector('#card-body section') !== null")
    assert violations(browser) == []
