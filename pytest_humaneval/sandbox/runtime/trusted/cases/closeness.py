"""Whether numbers are close, as ``numpy.allclose`` defines it, without numpy."""

from __future__ import annotations

import cmath
import itertools
import math
from typing import Any

RELATIVE_TOLERANCE = 1e-7
# Broadcasting may multiply the sizes of two values.
MAX_COMPARED = 1_000_000
_NUMBERS = (bool, int, float, complex)
_MIN_INT, _MAX_INT = -(1 << 63), (1 << 64) - 1

_Shape = tuple[int, ...]


def all_close(returned: Any, expected: Any, atol: float) -> bool:
    """Return whether two numbers, or two nested sequences of numbers, are close, element by element.

    Args:
        returned: a number, or lists and tuples of them.
        expected: as above; the relative tolerance counts from these.
        atol: absolute tolerance.

    Raises:
        TypeError: there is something that is no number.
        ValueError: sequences of different lengths stand side by side or cannot be broadcast.
        OverflowError: an integer is too large for a floating-point number.
    """
    if type(returned) in _NUMBERS and type(expected) in _NUMBERS:
        return _is_close(returned, expected, atol)
    shape, numbers = _flattened(returned)
    other_shape, other_numbers = _flattened(expected)
    if shape != other_shape:
        common = _broadcast(shape, other_shape)
        numbers = _stretched(numbers, shape, common)
        other_numbers = _stretched(other_numbers, other_shape, common)
    # Not all(...): what raises in a later element must do so also where an earlier one is not close.
    return all([_is_close(one, other, atol) for one, other in zip(numbers, other_numbers)])  # noqa: B905, C419


def _is_close(returned: Any, expected: Any, atol: float) -> bool:
    expected = expected if type(expected) is complex else float(expected)
    is_within = abs(returned - expected) <= atol + RELATIVE_TOLERANCE * abs(expected)
    return (is_within and cmath.isfinite(expected)) or returned == expected


def _flattened(value: Any) -> tuple[_Shape, list[Any]]:
    """Return the shape of nested sequences, and their numbers in order."""
    kind = type(value)
    if kind in (list, tuple):
        parts = [_flattened(each) for each in value]
        if len({shape for shape, _ in parts}) > 1:
            raise ValueError("sequences of different lengths")
        inner: _Shape = parts[0][0] if parts else ()
        return (len(parts), *inner), [number for _, numbers in parts for number in numbers]
    if kind not in _NUMBERS or (kind is int and not _MIN_INT <= value <= _MAX_INT):
        raise TypeError("no number of numpy's")
    return (), [value]


def _broadcast(one: _Shape, other: _Shape) -> _Shape:
    lengths = []
    for first, second in itertools.zip_longest(reversed(one), reversed(other), fillvalue=1):
        if first != second and 1 not in (first, second):
            raise ValueError("shapes that cannot be broadcast")
        lengths.append(second if first == 1 else first)
    if math.prod(lengths) > MAX_COMPARED:
        raise ValueError("too many elements")
    return tuple(reversed(lengths))


def _stretched(numbers: list[Any], shape: _Shape, common: _Shape) -> list[Any]:
    """Return the numbers of a broadcast array, in order."""
    padded = (1,) * (len(common) - len(shape)) + shape
    indices = [0]
    for length, wanted in zip(padded, common):  # noqa: B905 -- of one length
        steps = range(wanted) if length == wanted else [0] * wanted
        indices = [index * length + step for index in indices for step in steps]
    return [numbers[index] for index in indices]
