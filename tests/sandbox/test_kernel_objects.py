"""The table of kernel objects that a candidate can write names an attack for each."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.sandbox.attack_cases import read_cases

TABLE = Path(__file__).parents[2] / "docs" / "explanation" / "kernel_objects.md"
ROWS = [
    line.strip("|").split(" | ")
    for line in TABLE.read_text("utf-8").splitlines()
    if line.startswith("| ") and not line.startswith("| object")
]
# The kinds of attack that write something: each has a row.
KINDS = ("trace", "beside", "host")


def attacks_of(row: list[str]) -> list[str]:
    """Return the names in a row's third column."""
    return re.findall(r"`([^`]+)`", row[2])


@pytest.mark.parametrize("row", [pytest.param(row, id=row[0].strip()) for row in ROWS])
def test_an_object_has_an_attack_and_something_that_resets_it(row: list[str]) -> None:
    """Each row has all its columns, and names attacks of the corpus."""
    known = {case.id for case in read_cases()}

    assert len(row) == 4
    assert all(cell.strip() for cell in row)
    assert attacks_of(row)
    assert set(attacks_of(row)) <= known


def test_every_attack_that_writes_something_is_in_the_table() -> None:
    """No attack writes an object that the table lacks."""
    writing = {case.id for case in read_cases() if case.id.startswith(KINDS)}

    assert writing - {"beside-poisoners"} <= {name for row in ROWS for name in attacks_of(row)}
