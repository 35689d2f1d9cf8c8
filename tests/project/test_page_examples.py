"""The interactive examples of the documentation give what the pages show."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
_EXAMPLES = re.compile(r"^```pycon\n(.*?)^```$", re.DOTALL | re.MULTILINE)
PAGES = [path for path in sorted(DOCS.rglob("*.md")) if _EXAMPLES.search(path.read_text("utf-8"))]


@pytest.mark.parametrize("page", [pytest.param(path, id=path.stem) for path in PAGES])
def test_a_page_shows_what_its_examples_give(page: Path) -> None:
    """All blocks of the language ``pycon``, in order and with the names of those before them."""
    examples = "\n".join(_EXAMPLES.findall(page.read_text("utf-8")))
    test = doctest.DocTestParser().get_doctest(examples, {}, page.name, str(page), 0)
    told: list[str] = []

    doctest.DocTestRunner(verbose=False).run(test, out=told.append)

    assert not told, "".join(told)


def test_the_examples_are_found() -> None:
    """The search for examples finds the page that has most of them."""
    assert "statistics" in {path.stem for path in PAGES}
