"""Describe, for a person, the case that a candidate failed: the call, its result, what was expected."""

from __future__ import annotations

from typing import Any

from ..text import MAX_CHARACTERS, printable, short_repr
from .expected import Expected, LargeForm
from .rules import RULES

BY_TYPES = "compared by digests of their exact types, for they are too large"


class Difference:
    """Writes the message on one case.

    Args:
        expected: all cases of the problem.
        index: of the case, base cases first.
    """

    def __init__(self, expected: Expected, index: int) -> None:
        self._expected, self._index = expected, index

    def place(self) -> str:
        """Return which case it is, and the call."""
        arguments = ", ".join(map(short_repr, self._expected.arguments(self._index)))
        call = f"{self._expected.entry_point}({arguments})"
        return f"{self._expected.name(self._index)}: {printable(call, MAX_CHARACTERS)}"

    def between(self, value: Any, right: Any) -> str:
        """Return the message for a value that is wrong."""
        return self._lines(short_repr(value), self._wording() + short_repr(right))

    def between_large(self, found: LargeForm, right: LargeForm, *, by_types: bool) -> str:
        """Return the message for a value where one is too large.

        Args:
            found: what the candidate returned.
            right: what the reference returned.
            by_types: whether one has no normal form, so that equal values of other types seem different.
        """
        lines = self._lines(printable(found.preview), printable(right.preview))
        return f"{lines}\n  {BY_TYPES}" if by_types else lines

    def undecided(self, what: str) -> str:
        """Return the message for a value that cannot be compared."""
        return f"{self.place()}\n  returned {what}"

    def _wording(self) -> str:
        rule, tolerance = self._expected.inputs.rule, self._expected.tolerance(self._index).now
        return f"{RULES[rule].wording}{f'within {tolerance:g} of ' if tolerance and rule != 'root' else ''}"

    def _lines(self, actual: str, expected: str) -> str:
        return f"{self.place()}\n  actual:   {actual}\n  expected: {expected}"
