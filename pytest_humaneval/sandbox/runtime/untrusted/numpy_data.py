"""Plain forms of numpy's numbers and arrays, for a test that runs without numpy."""

from __future__ import annotations

import sys
from typing import Any

from ..protocol.codec import MAX_ITEMS, MAX_RATIO_BITS, Tagged


def plain_numpy(value: Any) -> Any:
    """Return the plain form of a number or an array of numpy; None where there is none, or it is neither."""
    numpy = sys.modules.get("numpy")
    if numpy is None:
        return None
    if isinstance(value, numpy.generic):
        return _number(value, numpy)
    if type(value) is numpy.ndarray:
        return _array(value, numpy)
    if type(value) is numpy.flatiter:
        return _array(value.copy(), numpy)
    return None


def _number(value: Any, numpy: Any) -> Any:
    if isinstance(value, numpy.float32) and _rounds(numpy):
        return Tagged("float32", [float(value)])
    if isinstance(value, numpy.complexfloating):
        return Tagged("numpy_complex", [float(value.real), float(value.imag)])
    if isinstance(value, numpy.longdouble) and type(value) is not numpy.float64:
        return _long(value)
    found = value.item()
    return found if type(found) in (bool, int, float, str, bytes) else None


def _long(value: Any) -> Any:
    if value == float(value) or value != value:
        return float(value)
    ratio = list(value.as_integer_ratio())
    return Tagged("ratio", ratio) if max(map(int.bit_length, ratio)) <= MAX_RATIO_BITS else None


def _array(value: Any, numpy: Any) -> Any:
    if value.dtype.names or max((1, *value.shape)) > MAX_ITEMS or value.size > MAX_ITEMS:
        return None
    items = list(value.reshape(-1)) if value.size else []
    if value.dtype.hasobject and any(isinstance(item, numpy.ndarray) for item in items):
        return None
    return Tagged("array", [list(value.shape), items])


def _rounds(numpy: Any) -> bool:
    """Return whether numbers are rounded to single precision before they meet a float32: NEP 50, numpy 2."""
    return int(numpy.__version__.split(".")[0]) >= 2
