"""Make text of an untrusted program safe for terminals, logs and reports."""

from __future__ import annotations

from typing import Any

MAX_CHARACTERS = 400


def printable(text: str, limit: int = MAX_CHARACTERS) -> str:
    """Return ``text`` as one printable line; where it is longer than ``limit``, its middle is cut out.

    Control characters, line ends, surrogates and direction marks are escaped, so that the text can neither
    control a terminal nor start a line of its own. An escape counts as the one character that it stands for.
    """
    if len(text) > limit:
        half = (limit - 3) // 2
        text = f"{text[:half]}...{text[-half:]}"
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def short_repr(value: Any, *, quoted: bool = True) -> str:
    """Return a value's ``repr``, or the text itself if not ``quoted``, printable and shortened."""
    if not quoted:
        return printable(str(value))
    if isinstance(value, str) and len(value) > MAX_CHARACTERS:
        return f"{printable(repr(value[:MAX_CHARACTERS]))} (of {len(value)} characters)"
    try:
        return printable(repr(value))
    # An int of more digits than Python converts: sys.set_int_max_str_digits.
    except ValueError:
        return (
            f"<int of {value.bit_length()} bits>"
            if isinstance(value, int)
            else "<very large integers inside>"
        )
