"""The names of the ways of choosing one of a problem's samples."""

from __future__ import annotations

from collections.abc import Sequence

WAYS = ("first", "examples", "vote", "likelihood")
"""The first sample; by examples passed; by how many behave alike; by the model's own probability."""


def ways_of(value: str | Sequence[str]) -> tuple[str, ...]:
    """Return the ways that a name, a comma list or a list of names stands for."""
    parts = value.split(",") if isinstance(value, str) else value
    return tuple(part.strip() for part in parts)


def are_ways(names: Sequence[object]) -> bool:
    """Return whether each name is that of a way, and stands there once."""
    return bool(names) and set(names) <= set(WAYS) and len(set(names)) == len(names)
