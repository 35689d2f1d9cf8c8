"""Untrusted text made fit to be short_repr."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_humaneval.sandbox.runtime.trusted.text import printable, short_repr


@given(st.text(st.characters(exclude_categories=[])))
def test_is_printable_bounded_and_on_one_line(text: str) -> None:
    """No control, line end, direction mark or surrogate is left, and it cannot grow without bound."""
    made = printable(text, 50)

    assert (made.isprintable(), len(made) <= 50 * 10) == (True, True)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(1, "1", id="integer"),
        pytest.param("a\x1b", r"'a\x1b'", id="control"),
        pytest.param([1.5, None], "[1.5, None]", id="list"),
        pytest.param(10**5000, "<int of 16610 bits>", id="huge-integer"),
        pytest.param([10**5000], "<very large integers inside>", id="huge-integer-inside"),
    ],
)
def test_a_value_is_shown_as_it_would_be_written(value: object, expected: str) -> None:
    """A value is shown by its repr; one that has none is described."""
    assert short_repr(value) == expected


def test_of_a_long_value_start_and_end_are_shown() -> None:
    """The middle is what is cut out."""
    made = short_repr(list(range(1000)))

    assert (made[:7], made[-5:], len(made) <= 400) == ("[0, 1, ", " 999]", True)
