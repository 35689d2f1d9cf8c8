"""Whether a call gave what an example of the prompt shows."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from .result_key import result_key

# Examples show results rounded; the tests of the datasets allow 1e-6.
_TOLERANCE = 1e-6
_NUMBERS = (bool, int, float)


class Expectation(NamedTuple):
    """What a call should give.

    Attributes:
        value: the value that it returns.
        raises: the name of the exception that it raises; empty where it returns.
        digits: to how many digits the result is rounded before it is compared; None where it is not.
    """

    value: Any
    raises: str
    digits: int | None

    def is_met_by(self, value: Any) -> bool:
        """Return whether a returned value is the expected one."""
        if self.raises:
            return False
        if self.digits is not None and type(value) is float and math.isfinite(value):
            value = round(value, self.digits)
        return _equal(value, self.value)

    def is_met_by_raising(self, error: BaseException) -> bool:
        """Return whether an exception, of its nearest builtin type, is the expected one."""
        return type(error).__name__ == self.raises


def _equal(value: Any, expected: Any) -> bool:
    """Return whether two values are equal; numbers may differ by what rounding leaves open."""
    kind = type(value)
    if kind in _NUMBERS and type(expected) in _NUMBERS:
        return value == expected or (
            float in (kind, type(expected))
            and math.isclose(value, expected, rel_tol=_TOLERANCE, abs_tol=_TOLERANCE)
        )
    if kind is not type(expected):
        return False
    if kind in (list, tuple):
        return len(value) == len(expected) and all(map(_equal, value, expected))
    return result_key(value) == result_key(expected)
