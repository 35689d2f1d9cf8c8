"""Text that came from, or quotes, an untrusted program, made fit for terminals, logs and reports."""

from __future__ import annotations

from typing import Any

MAX_CHARACTERS = 400


def printable(text: str, limit: int = MAX_CHARACTERS) -> str:
    """Return ``text`` on one line, at most about ``limit`` characters, its middle cut out where it is longer.

    Controls, line ends, surrogates and direction marks are written as escapes, so that the text can neither
    drive a terminal nor start a line of its own.
    """
    if len(text) > limit:
        half = (limit - 3) // 2
        text = f"{text[:half]}...{text[-half:]}"
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def short_repr(value: Any, *, quoted: bool = True) -> str:
    """Return a value's ``repr`` (or the text itself if not ``quoted``), printable and bounded."""
    if not quoted:
        return printable(str(value))
    if isinstance(value, str) and len(value) > MAX_CHARACTERS:
        return f"{printable(repr(value[:MAX_CHARACTERS]))} (of {len(value)} characters)"
    try:
        return printable(repr(value))
    except ValueError:  # an int of more digits than Python writes
        return (
            f"<int of {value.bit_length()} bits>"
            if isinstance(value, int)
            else "<very large integers inside>"
        )
