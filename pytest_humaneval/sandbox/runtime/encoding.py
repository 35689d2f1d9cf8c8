"""Values into JSON's types; see ``codec`` for which becomes what."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .codec import (
    MAX_BYTES,
    MAX_DEPTH,
    MAX_HASHED,
    MAX_INT_BITS,
    MAX_ITEMS,
    SMALL_INT,
    Tagged,
    Unsendable,
)

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
            if value.isascii() or _is_encodable(value):
                return self._text(value)
            return {"str": self._surrogates(value)}
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


def _is_encodable(value: str) -> bool:
    """Return whether a text has no surrogates, two of which JSON could take for one character."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
