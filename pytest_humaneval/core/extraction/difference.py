"""Describe what a step changed, as a diff for a reader of a report."""

from __future__ import annotations

from difflib import unified_diff

# difflib's time grows with the square of the number of lines at worst, and every sample's steps are compared.
_MAX_LINES = 500


def difference(before: str, after: str) -> str:
    """Return a unified diff of two texts; for texts of more than 500 lines only their sizes."""
    old, new = before.splitlines(), after.splitlines()
    if max(len(old), len(new)) > _MAX_LINES:
        return f"{len(before)} characters became {len(after)}"
    lines = unified_diff(old, new, "before", "after", n=1, lineterm="")
    # splitlines drops line ends, so a change of those alone gives an empty diff.
    return "\n".join(lines) or "white space at a line's end or the end of the text"
