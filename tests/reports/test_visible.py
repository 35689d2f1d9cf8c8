"""Text from models and candidates, made safe to show."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_humaneval.reports.visible import visible


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("a\tb\nc é ☃ 𝄞", "a\tb\nc é ☃ 𝄞", id="text-stays"),
        pytest.param("\x1b[2Jx", r"\x1b[2Jx", id="terminal-escape"),
        pytest.param("a\rb", r"a\rb", id="overwriting-a-line"),
        pytest.param("\x9b31m", r"\x9b31m", id="c1-control"),
        pytest.param("\x00\x7f", r"\x00\x7f", id="nul-and-delete"),
        pytest.param("a\u202eb\u2066", r"a\u202eb\u2066", id="bidirectional-overrides"),
        pytest.param("\ud83d", r"\ud83d", id="lone-surrogate"),
    ],
)
def test_control_characters_become_escapes(text: str, expected: str) -> None:
    """Controls become escapes that a person can read; everything else is unchanged."""
    assert visible(text) == expected


@given(st.text(st.characters(exclude_categories=())))
def test_what_is_shown_can_be_written_anywhere(text: str) -> None:
    """Any text comes out encodable and without control characters but tab and newline."""
    shown = visible(text)

    shown.encode("utf-8")
    assert not [char for char in shown if ord(char) < 0x20 and char not in "\t\n"]


def test_a_long_text_is_cut_with_the_number_of_missing_characters() -> None:
    """The limit counts the text's own characters, not the escapes."""
    assert visible("\x1b" * 3 + "abc", 4) == r"\x1b\x1b\x1ba" + "\n... (2 more characters)"
    assert visible("abcd", 4) == "abcd"
