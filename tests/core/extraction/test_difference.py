"""The diff that is recorded for a step."""

from __future__ import annotations

from pytest_humaneval.core.extraction.difference import difference


def test_a_change_is_shown_line_by_line() -> None:
    """A reader sees the removed and the added lines."""
    expected = "--- before\n+++ after\n@@ -1,2 +1,2 @@\n same\n-old\n+new"

    assert difference("same\nold", "same\nnew") == expected


def test_a_change_of_line_ends_is_described() -> None:
    """A change that a diff cannot show is not recorded as empty."""
    assert "white space" in difference("same\r\n", "same\n")


def test_huge_texts_are_not_compared() -> None:
    """Comparing takes time that grows faster than the text."""
    assert difference("a\n" * 2_000, "b\n" * 1_000) == "4000 characters became 2000"
