"""Turn JSON from a candidate's process into values; see ``codec`` for the format.

The sender is an adversary: what a message can cost its receiver is bounded here.
"""

from __future__ import annotations

import math
from typing import Any

from ..protocol.codec import (
    MAX_DECIMAL_DIGITS,
    MAX_DEPTH,
    MAX_DIMENSIONS,
    MAX_HASHED,
    MAX_ITEMS,
    MAX_RATIO_BITS,
    Malformed,
    Opaque,
)


class Decoder:
    """Decodes the values of one message, within the bounds of one message.

    Attributes:
        opaques: the stand-ins that it has made for objects that are no plain data.
    """

    def __init__(self) -> None:
        self._hashed = MAX_HASHED
        self.opaques: list[Opaque] = []

    def decode(self, data: Any, depth: int = 0) -> Any:
        """Return the value that ``data`` stands for.

        Raises:
            Malformed: no honest encoder writes this, or it exceeds a bound.
        """
        kind = type(data)
        if kind is list:
            if depth > MAX_DEPTH:
                raise Malformed("too deep")
            return [self.decode(item, depth + 1) for item in data]
        if kind is not dict:
            return data
        if len(data) != 1:
            raise Malformed("an object of more than one member")
        ((tag, content),) = data.items()
        try:
            value = self._tagged(tag, content, depth + 1)
        except (TypeError, ValueError, LookupError, AttributeError, ArithmeticError) as error:
            raise Malformed(f"{tag[:40]}: {type(error).__name__}") from error
        if isinstance(value, Opaque):
            self.opaques.append(value)
        return value

    def _tagged(self, tag: str, content: Any, depth: int) -> Any:
        if tag in _SCALARS:
            return _SCALARS[tag](content)
        items = self.decode(_array(content), depth)
        if tag in _UNHASHED:
            return _UNHASHED[tag](items)
        self._hashed -= len(items)
        if self._hashed < 0:
            raise Malformed("too many hashed elements")
        return _HASHED[tag](items)


def _dict(pairs: list[Any]) -> dict[Any, Any]:
    return {key: value for key, value in pairs}  # noqa: C416 -- dict() would accept strings as pairs


def _array(content: Any) -> list[Any]:
    if type(content) is not list:
        raise Malformed("not an array")
    return content


def _integer(digits: str) -> int:
    return int(digits, 16)


def _surrogates(text: str) -> str:
    return text.encode("latin-1").decode("utf-8", "surrogatepass")


def _complex(parts: list[float]) -> complex:
    real, imag = map(float, parts)
    return complex(real, imag)


def _range(bounds: list[Any]) -> Any:
    start, stop, step = (_integer(bound["int"]) if type(bound) is dict else bound for bound in bounds)
    found = range(start, stop, step)
    # A long range costs nothing to send, and much to a test that iterates over it.
    short = abs(found.stop - found.start) <= MAX_HASHED * abs(found.step)
    return found if short else Opaque("a long range")


# What the functions below need is imported when it is first used: a worker starts sooner without.


def _ratio(parts: list[int]) -> Any:
    from fractions import Fraction

    numerator, denominator = parts
    if max(numerator.bit_length(), denominator.bit_length()) > MAX_RATIO_BITS:
        raise Malformed("a large ratio")
    return Fraction(numerator, denominator)


def _decimal(digits: str) -> Any:
    from decimal import Decimal

    if len(digits) > MAX_DECIMAL_DIGITS:
        raise Malformed("a long decimal")
    return Decimal(digits)


def _opaque(content: Any) -> Opaque:
    description, truth = content
    return Opaque(str(description)[:200], bool(truth))


def _inert(content: Any) -> Opaque:
    description, truth = content
    return Opaque(str(description)[:200], bool(truth), decides=False)


def _memory(parts: list[Any]) -> Any:
    code, content = parts
    found = memoryview(_bytes_only(content))
    return found if code == "B" else found.cast(code)


def _bytes_only(content: Any) -> bytes:
    if type(content) is not bytes:
        raise Malformed("not bytes")
    return content


def _numbers(parts: list[Any]) -> Any:
    from array import array

    code, items = parts
    return array(code, _array(items))


def _deque(items: list[Any]) -> Any:
    from collections import deque

    return deque(items)


def _sequence(parts: list[Any]) -> Any:
    from .sequences import Sequence

    description, truth, features, items = parts
    return Sequence(str(description)[:200], bool(truth), _array(features), _array(items))


def _truncated_iterator(items: list[Any]) -> Any:
    from .sequences import TruncatedIterator

    return TruncatedIterator(items)


def _numpy_array(parts: list[Any]) -> Any:
    from .arrays import Array

    shape, items = map(_array, parts)
    if len(shape) > MAX_DIMENSIONS or not all(map(_is_length, shape)):
        raise Malformed("no shape")
    if math.prod(shape) != len(items) or math.prod(max(1, length) for length in shape) > MAX_ITEMS:
        raise Malformed("an array of another size")
    # Comparing arrays of arrays could multiply their sizes.
    if any(type(item) is Array for item in items):
        raise Malformed("an array of arrays")
    return Array(tuple(shape), items)


def _is_length(length: Any) -> bool:
    return type(length) is int and 0 <= length <= MAX_ITEMS


def _float32(parts: list[float]) -> Any:
    from .numpy_numbers import Float32

    (value,) = map(float, parts)
    return Float32(value)


def _numpy_complex(parts: list[Any]) -> Any:
    from .numpy_numbers import NumpyComplex

    return NumpyComplex(_complex(parts))


_HASHED: dict[str, Any] = {
    "dict": _dict,
    "set": set,
    "frozenset": frozenset,
    "keys": lambda items: dict.fromkeys(items).keys(),
    "pairs": lambda items: _dict(items).items(),
}
_UNHASHED: dict[str, Any] = {
    "tuple": tuple,
    "iterator": iter,
    "truncated_iterator": _truncated_iterator,
    "sequence": _sequence,
    "deque": _deque,
    "values": lambda items: dict(enumerate(items)).values(),
    "ratio": _ratio,
    "memory": _memory,
    "numbers": _numbers,
    "array": _numpy_array,
    "float32": _float32,
    "numpy_complex": _numpy_complex,
}
_SCALARS: dict[str, Any] = {
    "int": _integer,
    "str": _surrogates,
    "bytes": lambda text: text.encode("latin-1"),
    "complex": _complex,
    "ellipsis": lambda _: ...,
    "range": _range,
    "decimal": _decimal,
    "opaque": _opaque,
    "inert": _inert,
}
