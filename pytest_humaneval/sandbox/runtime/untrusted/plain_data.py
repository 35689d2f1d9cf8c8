"""Plain forms of objects that are no exact builtins, for a test that can only see plain data.

Runs in the candidate's process. An honest ``defaultdict``, ``UserList``, ``numpy.int64`` or ``map`` object
compares and iterates like its plain form. An object with an ``__eq__`` of its own gains nothing: its plain
form is opaque, equal to nothing. Nor does a candidate that forges one: it could as well return that value.
"""

from __future__ import annotations

# Not ``collections.abc``: every interpreter has loaded this one at its start.
import _collections_abc as abc
import itertools
import sys
from collections.abc import Iterable
from typing import Any

from ..protocol.codec import MAX_DECIMAL_DIGITS, MAX_ITERATED, MAX_RATIO_BITS, Tagged
from .numpy_data import plain_numpy

_BASES = (bool, int, float, complex, str, bytes, tuple, list, dict, set, frozenset)
_VIEWS = {type({}.keys()): "keys", type({}.values()): "values", type({}.items()): "pairs"}
_MAPPINGPROXY = type(object.__dict__)


def plain(value: Any) -> Any:
    """Return plain data that behaves like ``value``, or a ``Tagged`` that describes it."""
    kind = type(value)
    if kind.__module__ == "numpy" and (found := plain_numpy(value)) is not None:
        return found
    base: Any
    for base in _BASES:
        if isinstance(value, base) and _compares_like(kind, base):
            return str.__str__(value) if base is str else base(value)
    if kind in _VIEWS:
        return Tagged(_VIEWS[kind], list(value))
    if (found := _equal(value, kind)) is not None:
        return found
    if _eq(kind) is object.__eq__ and hasattr(kind, "__iter__") and hasattr(kind, "__next__"):
        items, is_whole = _first_items(value)
        return Tagged("iterator" if is_whole else "truncated_iterator", items)
    if _eq(kind) is object.__eq__ and (hasattr(kind, "__iter__") or hasattr(kind, "__getitem__")):
        return _sequence(value, kind)
    return _opaque(value, kind)


def _eq(kind: type) -> Any:
    return kind.__eq__


def _compares_like(kind: type, base: type) -> bool:
    if _eq(kind) is _eq(base):
        return True
    return kind.__module__ == "collections" and base is not tuple


def _equal(value: Any, kind: type) -> Any:
    """Return the plain form of an object whose ``__eq__`` is one of the standard library's, else None."""
    if _eq(kind) is abc.Mapping.__eq__:
        return dict(value.items())
    if _eq(kind) is abc.Set.__eq__:
        return set(value)
    if kind is _MAPPINGPROXY:
        return dict(value)
    if kind is bytearray:
        return bytes(value)
    if kind is memoryview and value.ndim == 1:
        return Tagged("memory", [value.format, value.tobytes()])
    for module, name, form in _KNOWN:
        known = getattr(sys.modules.get(module), name, None)
        if isinstance(known, type) and isinstance(value, known) and _eq(kind) is _eq(known):
            return form(value, known)
    return None


def _ratio(value: Any, _: type) -> Any:
    parts = [int(value.numerator), int(value.denominator)]
    return Tagged("ratio", parts) if max(map(int.bit_length, parts)) <= MAX_RATIO_BITS else None


def _decimal(value: Any, decimal: Any) -> Any:
    digits = decimal.__str__(value)
    return Tagged("decimal", digits) if len(digits) <= MAX_DECIMAL_DIGITS else None


# Module (looked at only if it is loaded), name of the class, and a function that returns the plain form.
_KNOWN: tuple[tuple[str, str, Any], ...] = (
    ("collections", "UserList", lambda value, _: list(value.data)),
    ("collections", "UserString", lambda value, _: str(value.data)),
    ("collections", "deque", lambda value, _: Tagged("deque", list(value))),
    ("array", "array", lambda value, _: Tagged("numbers", [value.typecode, value.tolist()])),
    ("fractions", "Fraction", _ratio),
    ("decimal", "Decimal", _decimal),
)


def _sequence(value: Any, kind: type) -> Tagged:
    """Return the plain form of an object that can be iterated repeatedly, perhaps with index and length."""
    try:
        items, is_whole = _first_items(value)
    # Such as a class with __getitem__ for keys other than 0, 1, 2, ...
    except Exception:
        return _opaque(value, kind)
    if not is_whole:
        return _opaque(value, kind)
    features = [name for name in ("__len__", "__getitem__") if hasattr(kind, name)]
    return Tagged("sequence", [_description(kind), _truth(value), features, items])


def _first_items(value: Iterable[Any]) -> tuple[list[Any], bool]:
    """Return the first items, and whether these are all."""
    # Each next group of a groupby empties the one before.
    if type(value) is itertools.groupby:
        value = ((key, iter(list(itertools.islice(group, MAX_ITERATED)))) for key, group in value)
    items = list(itertools.islice(value, MAX_ITERATED + 1))
    return items[:MAX_ITERATED], len(items) <= MAX_ITERATED


def _opaque(value: Any, kind: type) -> Tagged:
    """Return the form "inert" for what equals only itself, "opaque" for what has an ``__eq__`` of its own."""
    is_inert = _eq(kind) is object.__eq__ or kind.__module__ == "builtins"
    return Tagged("inert" if is_inert else "opaque", [_description(kind), _truth(value)])


def _description(kind: type) -> str:
    return f"{kind.__name__} object"[:200]


def _truth(value: Any) -> bool:
    try:
        return bool(value)
    except Exception:
        return True
