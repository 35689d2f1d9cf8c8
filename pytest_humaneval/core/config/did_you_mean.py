"""Suggest the closest known name for one that does not exist."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def suggest(name: str, known: Iterable[str]) -> str:
    """Return a question with the closest known name, or a list of all of them if none is close."""
    names = list(known)
    # difflib's own cutoff, 0.6, misses short names with two letters swapped: "ab" for "ba" has 0.5.
    closest = get_close_matches(name, names, n=1, cutoff=0.5)
    return f"did you mean {closest[0]!r}?" if closest else f"known are: {', '.join(names) or 'none'}"
