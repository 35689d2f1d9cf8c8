"""A count stands with the right form of its noun."""

from __future__ import annotations

import pytest

from pytest_humaneval.reports.counted import counted


@pytest.mark.parametrize(("count", "text"), [(0, "0 problems"), (1, "1 problem"), (1640, "1,640 problems")])
def test_one_thing_is_singular(count: int, text: str) -> None:
    """Large counts have separators."""
    assert counted(count, "problem") == text
