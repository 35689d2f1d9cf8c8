"""Read ``marshal`` data that an adversary wrote: the part of version 2 of the format that is plain data.

``marshal.loads`` may crash on such data (see its documentation), so values that were written at its speed are
read here, slowly, where their bytes alone do not decide.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

from .codec import MAX_DEPTH, MAX_HASHED, Malformed

# Of marshal's format, the last version in which equal values give equal bytes: later ones write references to
# objects that occur twice (marshal.version).
VERSION = 2
_DIGIT_BITS = 15
_LENGTH, _INTEGER = struct.Struct("<I"), struct.Struct("<i")
_FLOAT, _COMPLEX = struct.Struct("<d"), struct.Struct("<dd")
_CONSTANTS = {b"N": None, b"T": True, b"F": False, b".": ...}


class TooComplex(Malformed):
    """A value is nested too deep, or has too many hashed elements, to be read safely."""


def unmarshalled(data: bytes, max_hashed: int = MAX_HASHED) -> Any:
    """Return the value that ``marshal.dumps(value, VERSION)`` has written.

    Args:
        data: at most some MiB.
        max_hashed: how many elements of dicts and sets it may have.

    Raises:
        TooComplex: it exceeds a bound.
        Malformed: it is no plain data.
    """
    reader = _Reader(data, max_hashed)
    value = reader.value(0)
    if reader.position != len(data):
        raise Malformed("more than a value")
    return value


class _Reader:
    def __init__(self, data: bytes, max_hashed: int) -> None:
        self._data = data
        self._hashed = max_hashed
        self.position = 0

    def value(self, depth: int) -> Any:
        code = self._take(1)
        if code in _CONSTANTS:
            return _CONSTANTS[code]
        if code in _SCALARS:
            return _SCALARS[code](self)
        if code not in _CONTAINERS:
            raise Malformed("no plain data")
        if depth > MAX_DEPTH:
            raise TooComplex("too deep")
        return _CONTAINERS[code](self, depth + 1)

    def _take(self, length: int) -> bytes:
        start, self.position = self.position, self.position + length
        if self.position > len(self._data):
            raise Malformed("the end is missing")
        return self._data[start : self.position]

    def _length(self) -> int:
        (length,) = _LENGTH.unpack(self._take(4))
        # Each element takes a byte at least.
        if length > len(self._data) - self.position:
            raise Malformed("the end is missing")
        return int(length)

    def integer(self) -> int:
        return int(_INTEGER.unpack(self._take(4))[0])

    def long(self) -> int:
        (signed,) = _INTEGER.unpack(self._take(4))
        digits = struct.unpack(f"<{abs(signed)}H", self._take(2 * abs(signed)))
        if any(digit >> _DIGIT_BITS for digit in digits):
            raise Malformed("no integer")
        # Octal digits, five for each of these: they are parsed in linear time.
        size = int("".join([f"{digit:05o}" for digit in reversed(digits)]) or "0", 8)
        return -size if signed < 0 else size

    def floating(self) -> float:
        return float(_FLOAT.unpack(self._take(8))[0])

    def complex(self) -> complex:
        return complex(*_COMPLEX.unpack(self._take(16)))

    def text(self) -> str:
        try:
            return self._take(self._length()).decode("utf-8", "surrogatepass")
        except UnicodeDecodeError as error:
            raise Malformed("no text") from error

    def binary(self) -> bytes:
        return self._take(self._length())

    def items(self, depth: int) -> list[Any]:
        value = self.value
        return [value(depth) for _ in range(self._length())]

    def hashed(self, depth: int) -> list[Any]:
        self._count_hashed(len(found := self.items(depth)))
        return found

    def mapping(self, depth: int) -> dict[Any, Any]:
        found = {}
        # A null where a key should be ends it.
        while self._data[self.position : self.position + 1] != b"0":
            self._count_hashed(1)
            key = self.value(depth)
            found[_hashable(key)] = self.value(depth)
        self.position += 1
        return found

    def _count_hashed(self, elements: int) -> None:
        self._hashed -= elements
        if self._hashed < 0:
            raise TooComplex("too many hashed elements")


def _hashable(value: Any) -> Any:
    try:
        hash(value)
    except TypeError as error:
        raise Malformed("an element that cannot be hashed") from error
    return value


_SCALARS: dict[bytes, Callable[[_Reader], Any]] = {
    b"i": _Reader.integer,
    b"l": _Reader.long,
    b"g": _Reader.floating,
    b"y": _Reader.complex,
    b"u": _Reader.text,
    b"s": _Reader.binary,
}
_CONTAINERS: dict[bytes, Callable[[_Reader, int], Any]] = {
    b"[": _Reader.items,
    b"(": lambda reader, depth: tuple(reader.items(depth)),
    b"{": _Reader.mapping,
    b"<": lambda reader, depth: set(map(_hashable, reader.hashed(depth))),
    b">": lambda reader, depth: frozenset(map(_hashable, reader.hashed(depth))),
}
