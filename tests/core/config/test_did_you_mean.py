"""The hint at what was meant."""

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
def test_the_nearest_name_is_suggested_or_all_are_listed(name: str, expected: str) -> None:
    """A slip is put right, and who is far off sees what there is."""
    assert suggest(name, ["main", "nightly"]) == expected


def test_where_nothing_is_known_that_is_said() -> None:
    """An empty list of names is not printed as nothing."""
    assert suggest("a", []) == "known are: none"
