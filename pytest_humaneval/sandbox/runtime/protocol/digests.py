"""Digests of large values: of their exact types, which is fast, or in a form equal for equal values."""

from __future__ import annotations

import marshal
from typing import Any

from .codec import MAX_DEPTH
from .marshalled import VERSION

try:
    # Not ``hashlib``: it loads OpenSSL.
    from _blake2 import blake2b  # type: ignore[import-not-found, unused-ignore]
except ImportError:
    from hashlib import blake2b

SIZE = 32
# Longer sequences are written in slices, for the data of all of it takes as much memory as itself.
SLICE = 100_000
# Items of the values that have a normal form: about a microsecond for each.
MAX_NORMAL_ITEMS = 2_000_000

_NUMBERS = {bool, int, float, complex}
_ATOMS = {str, bytes, type(None), type(...)}
_OPENING: dict[type, bytes] = {list: b"[", tuple: b"("}


class NoNormalForm(ValueError):
    """A value has too many items, is no plain data, or holds a NaN, which equals nothing."""


def exact_digest(value: Any) -> bytes:
    """Return the digest of a value's ``marshal`` data.

    Raises:
        ValueError: it is no plain data.
    """
    digest = blake2b(digest_size=SIZE)
    if type(value) in _OPENING and len(value) > SLICE:
        digest.update(_OPENING[type(value)] + b"%d" % len(value))
        for start in range(0, len(value), SLICE):
            digest.update(marshal.dumps(value[start : start + SLICE], VERSION))
    else:
        digest.update(marshal.dumps(value, VERSION))
    return digest.digest()


def normal_digest(value: Any) -> bytes:
    """Return a digest that is the same for values that are equal in Python, such as 1, 1.0 and True.

    Raises:
        NoNormalForm: there is none.
    """
    try:
        normal = _NormalForm()
        normal.add(value, 0)
        return bytes(normal.digest.digest())
    except ValueError as error:
        raise NoNormalForm(str(error)) from None


class _NormalForm:
    def __init__(self, room: int = MAX_NORMAL_ITEMS) -> None:
        self.digest = blake2b(digest_size=SIZE)
        self._room = room

    def add(self, value: Any, depth: int) -> None:
        kind = type(value)
        if depth > MAX_DEPTH:
            raise NoNormalForm("too deep")
        if kind in _OPENING:
            self._make_room(len(value))
            self.digest.update(_OPENING[kind] + b"%d" % len(value))
            self._add_items(value, depth + 1)
        elif kind in (dict, set, frozenset):
            self._make_room(len(value))
            self.digest.update((b"{" if kind is dict else b"<") + b"%d" % len(value))
            elements = value.items() if kind is dict else value
            self.digest.update(b"".join(sorted(self._digest_of(each, depth + 1) for each in elements)))
        else:
            self.digest.update(_atom(value))

    def _add_items(self, values: Any, depth: int) -> None:
        kinds = set(map(type, values))
        # Most large values are flat; these are written at once.
        if kinds <= _NUMBERS:
            self.digest.update(marshal.dumps(list(map(_number, values)), VERSION))
        elif kinds <= _ATOMS:
            self.digest.update(marshal.dumps(list(values), VERSION))
        else:
            for each in values:
                self.add(each, depth)

    def _digest_of(self, value: Any, depth: int) -> bytes:
        inner = _NormalForm(self._room)
        inner.add(value, depth)
        self._room = inner._room
        return bytes(inner.digest.digest())

    def _make_room(self, items: int) -> None:
        self._room -= items
        if self._room < 0:
            raise NoNormalForm(f"more than {MAX_NORMAL_ITEMS} items")


def _atom(value: Any) -> bytes:
    kind = type(value)
    if kind in _NUMBERS:
        value = _number(value)
    elif kind not in _ATOMS:
        raise NoNormalForm(f"{kind.__name__} object")
    return marshal.dumps(value, VERSION)


def _number(value: Any) -> Any:
    if value.__class__ is complex:
        return (_number(value.real), _number(value.imag), ...) if value.imag else _number(value.real)
    if value.__class__ is not float:
        return int(value)
    if value != value:
        raise NoNormalForm("a NaN")
    return int(value) if value.is_integer() else value
