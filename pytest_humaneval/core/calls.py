"""Calls of a program whose results are wanted, to compare programs by them."""

from __future__ import annotations

from dataclasses import dataclass

FAILED = "!"
"""What the key of a call begins with that returned nothing."""


@dataclass(frozen=True)
class Calls:
    """Calls whose results are wanted, not a verdict on them.

    Attributes:
        arguments: of each call: ``marshal`` data (version 2) of a list of lists.
        expected: what the first of them should give, in the same form: a list of
            ``[value, name of an exception or "", digits to round to or None]``.
    """

    arguments: bytes
    expected: bytes


@dataclass(frozen=True)
class CallResult:
    """What one call gave.

    Attributes:
        key: equal for equal results; for an exception ``!`` and the name of its type.
        text: the result, or the exception, for a person; shortened.
        is_expected: whether it is what was expected; None where nothing was.
    """

    key: str
    text: str
    is_expected: bool | None = None
