"""What an object that is no exact builtin looks like to a check that can only see plain data.

Runs beside the candidate. An honest ``defaultdict``, ``namedtuple``, ``numpy.int64`` or ``map`` object
compares and iterates like the plain data given here. An object with a clever ``__eq__`` gains nothing: its
likeness is opaque, equal to nothing, and a process that lies here could as well have returned the lie.
"""

from __future__ import annotations

import sys
from typing import Any

from .codec import MAX_HASHED, Tagged

_BASES = (bool, int, float, complex, str, bytes, tuple, list, dict, set, frozenset)
_ITERATORS = {
    "map",
    "zip",
    "filter",
    "enumerate",
    "reversed",
    "generator",
    "chain",
    "islice",
    "dict_keys",
    "dict_values",
    "dict_items",
    "deque",
    "ndarray",
    "list_reverseiterator",
    "list_iterator",
    "tuple_iterator",
    "array",
    "range_iterator",
    "str_iterator",
    "str_ascii_iterator",
    "set_iterator",
    "dict_keyiterator",
    "accumulate",
    "permutations",
    "combinations",
    "product",
    "starmap",
    "takewhile",
    "dropwhile",
}


def plain(value: Any) -> Any:
    """Return plain data that behaves like ``value``, or a ``Tagged`` that tells what it is."""
    kind = type(value)
    base: Any
    for base in _BASES:
        if isinstance(value, base) and _compares_like(kind, base):
            return str.__str__(value) if base is str else base(value)
    name = kind.__name__
    if kind is bytearray:
        return bytes(value)
    if kind.__module__ == "numpy" and isinstance(value, sys.modules["numpy"].generic):
        return value.item()
    if name == "Fraction":
        return Tagged("ratio", [value.numerator, value.denominator])
    if name == "Decimal":
        return Tagged("decimal", str(value))
    if name in _ITERATORS:
        return _iterated(value, name)
    return _opaque(f"{name} object", _truth(value))


def _compares_like(kind: type, base: type) -> bool:
    if kind.__eq__ is base.__eq__:
        return True
    return kind.__module__ in ("collections", "numpy") and base is not tuple


def _iterated(value: Any, name: str) -> Tagged:
    items = []
    for item in value:
        items.append(item)
        if len(items) > MAX_HASHED:
            return _opaque(f"{name} of more than {MAX_HASHED} items", True)
    return Tagged("iterator", items)


def _opaque(description: str, truth: bool) -> Tagged:
    return Tagged("opaque", [description[:200], truth])


def _truth(value: Any) -> bool:
    try:
        return bool(value)
    except Exception:
        return True
