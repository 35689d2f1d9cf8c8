"""Suggestions for an unknown name."""

from __future__ import annotations

import pytest

from pytest_humaneval.core.config.did_you_mean import suggest


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("mian", "did you mean 'main'?"),
        ("nightli", "did you mean 'nightly'?"),
        ("zzz", "known are: main, nightly"),
    ],
)
def test_the_closest_name_is_suggested_or_all_are_listed(name: str, expected: str) -> None:
    """A typing error gets one suggestion; a name like no other gets the list."""
    assert suggest(name, ["main", "nightly"]) == expected


def test_without_known_names_the_message_says_none() -> None:
    """An empty list of names is not printed as an empty text."""
    assert suggest("a", []) == "known are: none"
