"""A count with its noun, for a line that people read."""

from __future__ import annotations


def counted(count: int, noun: str) -> str:
    """Return such as ``1 problem`` or ``1,640 problems``; the plural of ``noun`` ends in s."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
