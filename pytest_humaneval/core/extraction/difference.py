"""What a step changed, as a reader of a report wants to see it."""

from __future__ import annotations

from difflib import unified_diff

_MOST_LINES = 500


def difference(before: str, after: str) -> str:
    """Return a unified diff of two texts; only their sizes where they are too long to be compared quickly."""
    old, new = before.splitlines(), after.splitlines()
    if max(len(old), len(new)) > _MOST_LINES:
        return f"{len(before)} characters became {len(after)}"
    lines = unified_diff(old, new, "before", "after", n=1, lineterm="")
    return "\n".join(lines) or "white space at a line's end or the end of the text"
