"""Write values as JSON text, in the candidate's process; see ``codec`` for the format."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from json.encoder import encode_basestring_ascii as quoted
from typing import Any

from ..protocol.codec import (
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
_UNHASHABLE = {list, dict, set}
_HASHED = {"dict", "set", "frozenset", "keys", "pairs"}
_NO_NUMBER = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}


class Encoder:
    """Writes the values of one message, within the bounds of one message.

    Args:
        to_plain: returns plain data, or a ``Tagged``, for an object that is no exact builtin.
    """

    def __init__(self, to_plain: Callable[[Any], Any] | None = None) -> None:
        self._to_plain = to_plain
        self._items = MAX_ITEMS
        self._bytes = MAX_BYTES
        self._hashed = MAX_HASHED
        # How many objects were sent as something that cannot be hashed.
        self._unhashable = 0

    def encode(self, value: Any, depth: int = 0) -> str:
        """Return ``value`` as JSON, in ASCII.

        Raises:
            Unsendable: it is no plain data, or exceeds a bound.
        """
        self._items -= 1
        if self._items < 0 or depth > MAX_DEPTH:
            raise Unsendable(f"{type(value).__name__} too large or too deep")
        kind = type(value)
        if kind is bool:
            return "true" if value else "false"
        if kind is int:
            return self._integer(value)
        if kind is str:
            return self._text(value)
        if kind is list:
            return f"[{self._joined(value, depth)}]"
        if value is None:
            return "null"
        if kind is float:
            return _number(value)
        tag = _TAG_OF.get(kind)
        return f'{{"{tag}":{self._tagged(tag, value, depth + 1)}}}' if tag else self._other(value, depth)

    def _joined(self, values: Iterable[Any], depth: int) -> str:
        return ",".join([self.encode(value, depth + 1) for value in values])

    def _integer(self, value: int) -> str:
        if -SMALL_INT < value < SMALL_INT:
            return repr(value)
        if value.bit_length() > MAX_INT_BITS:
            raise Unsendable(f"int of {value.bit_length()} bits")
        return f'{{"int":{self._counted(hex(value))}}}'

    def _text(self, value: str) -> str:
        if value.isascii() or _is_encodable(value):
            return self._counted(value)
        return f'{{"str":{self._counted(value.encode("utf-8", "surrogatepass").decode("latin-1"))}}}'

    def _counted(self, text: str) -> str:
        self._bytes -= len(text)
        if self._bytes < 0:
            raise Unsendable(f"more than {MAX_BYTES} characters")
        return quoted(text)

    def _tagged(self, tag: str, value: Any, depth: int) -> str:
        if tag == "bytes":
            return self._counted(value.decode("latin-1"))
        if tag == "complex":
            return f"[{_number(value.real)},{_number(value.imag)}]"
        if tag == "ellipsis":
            return "null"
        if tag == "range":
            return f"[{self._joined((value.start, value.stop, value.step), depth)}]"
        if tag == "tuple":
            return f"[{self._joined(value, depth)}]"
        self._count_hashed(tag, len(value))
        before = self._unhashable
        elements = [self.encode(element, depth + 1) for element in value]
        # A hashable list, sent as a list, cannot be an element at the other end, which would take it for
        # tampering.
        if self._unhashable != before:
            raise Unsendable(f"{tag} of objects")
        if tag == "dict":
            values = [self.encode(each, depth + 1) for each in value.values()]
            elements = [f"[{key},{each}]" for key, each in zip(elements, values)]  # noqa: B905 -- one dict
        return f"[{','.join(elements)}]"

    def _count_hashed(self, tag: str, elements: int) -> None:
        self._hashed -= elements
        if self._hashed < 0:
            raise Unsendable(f"{tag} of {elements} elements")

    def _other(self, value: Any, depth: int) -> str:
        if self._to_plain is None:
            raise Unsendable(f"{type(value).__name__} object")
        form = self._to_plain(value)
        if type(form) is not Tagged:
            self._unhashable += type(form) in _UNHASHABLE
            return self.encode(form, depth)
        if form.tag in _HASHED:
            self._count_hashed(form.tag, len(form.content))
        return f'{{"{form.tag}":{self.encode(form.content, depth + 1)}}}'


def _number(value: float) -> str:
    text = repr(value)
    return _NO_NUMBER.get(text, text)


def _is_encodable(value: str) -> bool:
    """Return whether a text has no surrogates; a pair of them would be one character after a round trip."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
