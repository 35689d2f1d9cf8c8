"""Plain values as JSON and back: all that crosses between a candidate and the check that judges it.

    None, bool, float, small int           themselves (nan and infinities as JSON's usual extension)
    str without surrogates                 itself
    list                                   array
    everything else                        object of one member, whose key is the tag below

Decoding yields exact builtins and never runs code of the sender's choosing. What a sender can make the
receiver spend is bounded: bytes by the wire, depth and hashed elements (whose hashes may collide) here.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, NamedTuple

MAX_BYTES = 1 << 20
MAX_DEPTH = 100
MAX_HASHED = 2_000
MAX_ITEMS = 200_000
MAX_INT_BITS = 1 << 21
MAX_RATIO_BITS = 1 << 12
MAX_DECIMAL_DIGITS = 400
SMALL_INT = 1 << 53


class Unsendable(ValueError):
    """A value, or its size or depth, that does not cross."""


class Malformed(ValueError):
    """A message that no honest sender writes."""


class Opaque:
    """Stands for an object that is no plain data: equal to nothing but itself."""

    def __init__(self, description: str, truth: bool = True) -> None:
        self.description = description
        self.truth = truth

    def __bool__(self) -> bool:
        return self.truth

    def __repr__(self) -> str:
        return f"<{self.description}>"


class Tagged(NamedTuple):
    """What an object that is no exact builtin is sent as.

    Attributes:
        tag: "iterator", "ratio", "decimal" or "opaque".
        content: text, or a list whose items may be any plain data.
    """

    tag: str
    content: str | list[Any]


class Encoder:
    """Turns one message's values into JSON's types, within the bounds of one message.

    Args:
        likeness: gives plain data, or a ``Tagged``, for what is no plain data.
    """

    def __init__(self, likeness: Callable[[Any], Any] | None = None) -> None:
        self._likeness = likeness
        self._items = MAX_ITEMS
        self._bytes = MAX_BYTES
        self._hashed = MAX_HASHED

    def encode(self, value: Any, depth: int = 0) -> Any:
        """Return ``value`` in JSON's types.

        Raises:
            Unsendable: it is no plain data, or exceeds a bound.
        """
        self._items -= 1
        if self._items < 0 or depth > MAX_DEPTH:
            raise Unsendable(f"{type(value).__name__} too large or too deep")
        kind = type(value)
        if value is None or kind is bool or kind is float:
            return value
        if kind is int:
            return self._integer(value)
        if kind is str:
            return (
                self._text(value)
                if value.isascii() or _is_encodable(value)
                else {"str": self._surrogates(value)}
            )
        if kind is list:
            return [self.encode(item, depth + 1) for item in value]
        tag = _TAG_OF.get(kind)
        return self._tagged(tag, value, depth + 1) if tag else self._other(value, depth)

    def _integer(self, value: int) -> Any:
        if -SMALL_INT < value < SMALL_INT:
            return value
        if value.bit_length() > MAX_INT_BITS:
            raise Unsendable(f"int of {value.bit_length()} bits")
        return {"int": self._text(hex(value))}

    def _text(self, value: str) -> str:
        self._bytes -= len(value)
        if self._bytes < 0:
            raise Unsendable(f"more than {MAX_BYTES} characters")
        return value

    def _surrogates(self, value: str) -> str:
        return self._text(value.encode("utf-8", "surrogatepass").decode("latin-1"))

    def _tagged(self, tag: str, value: Any, depth: int) -> dict[str, Any]:
        if tag == "bytes":
            return {tag: self._text(value.decode("latin-1"))}
        if tag == "complex":
            return {tag: [value.real, value.imag]}
        if tag == "ellipsis":
            return {tag: None}
        if tag == "range":
            return {tag: [self._integer(bound) for bound in (value.start, value.stop, value.step)]}
        if tag != "tuple":
            self._hashed -= len(value)
            if self._hashed < 0:
                raise Unsendable(f"{tag} of {len(value)} elements")
        if tag == "dict":
            return {tag: [[self.encode(key, depth), self.encode(item, depth)] for key, item in value.items()]}
        return {tag: [self.encode(item, depth) for item in value]}

    def _other(self, value: Any, depth: int) -> Any:
        if self._likeness is None:
            raise Unsendable(f"{type(value).__name__} object")
        likeness = self._likeness(value)
        if type(likeness) is not Tagged:
            return self.encode(likeness, depth)
        if type(likeness.content) is not list:
            return {likeness.tag: likeness.content}
        return {likeness.tag: [self.encode(item, depth + 1) for item in likeness.content]}


_TAG_OF = {
    tuple: "tuple",
    dict: "dict",
    set: "set",
    frozenset: "frozenset",
    bytes: "bytes",
    complex: "complex",
    range: "range",
    type(...): "ellipsis",
}


class Decoder:
    """Turns one message's JSON types back into values, within the bounds of one message."""

    def __init__(self) -> None:
        self._hashed = MAX_HASHED

    def decode(self, data: Any, depth: int = 0) -> Any:
        """Return the value that ``data`` stands for.

        Raises:
            Malformed: no honest encoder writes this.
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
            return self._tagged(tag, content, depth + 1)
        except (TypeError, ValueError, KeyError, ArithmeticError) as error:
            raise Malformed(f"{tag[:40]}: {type(error).__name__}") from error

    def _tagged(self, tag: str, content: Any, depth: int) -> Any:
        if tag in _SCALARS:
            return _SCALARS[tag](content)
        items = self.decode(_array(content), depth)
        if tag == "tuple":
            return tuple(items)
        if tag == "iterator":
            return iter(items)
        if tag == "ratio":
            return _ratio(*items)
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


def _is_encodable(value: str) -> bool:
    """Return whether a text has no surrogates, two of which JSON could take for one character."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _surrogates(text: str) -> str:
    return text.encode("latin-1").decode("utf-8", "surrogatepass")


def _complex(parts: list[float]) -> complex:
    real, imag = map(float, parts)
    return complex(real, imag)


def _range(bounds: list[Any]) -> Any:
    start, stop, step = (_integer(bound["int"]) if type(bound) is dict else bound for bound in bounds)
    found = range(start, stop, step)
    short = abs(found.stop - found.start) <= MAX_HASHED * abs(found.step)
    return found if short else Opaque("a long range")


def _ratio(numerator: int, denominator: int) -> Any:
    from fractions import Fraction

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


_HASHED: dict[str, Any] = {"dict": _dict, "set": set, "frozenset": frozenset}
_SCALARS: dict[str, Any] = {
    "int": _integer,
    "str": _surrogates,
    "bytes": lambda text: text.encode("latin-1"),
    "complex": _complex,
    "ellipsis": lambda _: ...,
    "range": _range,
    "decimal": _decimal,
    "opaque": _opaque,
}


def _bounded_int(digits: str) -> int:
    if len(digits) > 20:  # an encoder writes larger ones in hexadecimal, whose parsing is linear
        raise Malformed("a long decimal integer")
    return int(digits)


_JSON = json.JSONDecoder(parse_int=_bounded_int)


def dumps(message: Any) -> bytes:
    """Return JSON's types as ASCII bytes; lone surrogates survive as escapes."""
    return json.dumps(message, separators=(",", ":"), check_circular=False).encode("ascii")


def loads(data: bytes) -> Any:
    """Return the JSON types in ``data``.

    Raises:
        Malformed: it is not JSON, or too deep.
    """
    try:
        return _JSON.decode(data.decode("ascii"))
    except (ValueError, RecursionError) as error:
        raise Malformed("not a message") from error
