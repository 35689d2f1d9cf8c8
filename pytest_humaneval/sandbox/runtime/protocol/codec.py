"""Plain values as bytes and back: all that passes between a candidate and the test that judges it.

Values for the candidate are written by ``marshal``, which is fast. Values from the candidate come from an
adversary, for whom ``marshal`` is no safe format, and are JSON:

    None, bool, float, small int           themselves (nan and infinities as JSON's usual extension)
    str without surrogates                 itself
    list                                   array
    everything else                        object of one member, whose key is the tag below

Decoding yields exact builtins and never runs code of the sender's choosing. What a message can cost its
receiver is bounded: bytes by ``wire``, depth and hashed elements by the decoder.
"""

from __future__ import annotations

import json
import marshal
from collections.abc import Iterable
from typing import Any, NamedTuple

MAX_BYTES = 1 << 20
# Far below the interpreter's limit of recursion, which the test's own frames use, too.
MAX_DEPTH = 100
# numpy's own limit since 2.0 (NPY_MAXDIMS); it was 32 before.
MAX_DIMENSIONS = 64
# Elements of dicts and sets in one message. An adversary can make all their hashes collide, and then
# inserting n of them takes n * n / 2 comparisons: 2 million here.
MAX_HASHED = 2_000
# Items taken of an iterator, which may be endless.
MAX_ITERATED = 2_000
MAX_ITEMS = 200_000
MAX_INT_BITS = 1 << 21
# Ordering two fractions multiplies their parts.
MAX_RATIO_BITS = 1 << 12
MAX_DECIMAL_DIGITS = 400
# Integers of this range are written as JSON numbers, larger ones under a tag: RFC 8259, section 6.
SMALL_INT = 1 << 53

_ATOMS = frozenset({type(None), bool, int, float, complex, str, bytes, type(...)})
_CONTAINERS = frozenset({tuple, list, set, frozenset})


class Unsendable(ValueError):
    """A value is no plain data, or too large or too deep to be sent."""


class Malformed(ValueError):
    """A message is none that an honest sender writes."""


class Opaque:
    """Stands for an object that is no plain data: equal to nothing but itself.

    Args:
        description: for a person.
        truth: what ``bool`` returns for it.
        decides: a comparison that fails here might have held beside the candidate, because the object has an
            ``__eq__`` of its own or was too large to be sent.
    """

    def __init__(self, description: str, truth: bool = True, decides: bool = True) -> None:
        self.description = description
        self.truth = truth
        self.decides = decides

    def __bool__(self) -> bool:
        return self.truth

    def __repr__(self) -> str:
        return f"<{self.description}>"


class Tagged(NamedTuple):
    """The form in which an object is sent that is no exact builtin.

    Attributes:
        tag: one that ``decoding`` knows.
        content: text, or a list whose items may be any plain data.
    """

    tag: str
    content: str | list[Any]


def _bounded_int(digits: str) -> int:
    # Parsing decimal digits takes quadratic time. The encoder writes larger integers in hexadecimal, which is
    # parsed in linear time.
    if len(digits) > 20:
        raise Malformed("a long decimal integer")
    return int(digits)


_JSON = json.JSONDecoder(parse_int=_bounded_int)


def pack(*message: Any) -> bytes:
    """Return plain data for a candidate's process, which unpacks it with ``marshal.loads``.

    Raises:
        Unsendable: some of it is no plain data.
    """
    try:
        _require_plain(message)
        return marshal.dumps(message)
    # Too deep, or holding itself.
    except (ValueError, RecursionError) as error:
        raise Unsendable(str(error)) from None


def _require_plain(values: Iterable[Any]) -> None:
    """Raise Unsendable for a value that is no exact builtin."""
    # marshal would take code objects, and writes any object with a buffer, such as a bytearray, as bytes.
    for value in values:
        kind = type(value)
        if kind is dict:
            _require_plain(value)
            _require_plain(value.values())
        elif kind in _CONTAINERS:
            _require_plain(value)
        elif kind not in _ATOMS:
            raise Unsendable(f"{kind.__name__} object")


def loads(data: bytes) -> Any:
    """Return the JSON value in ``data``, one of JSON's own types; see ``Decoder`` for what tags stand for.

    Raises:
        Malformed: it is not JSON, or too deep.
    """
    try:
        text = data.decode("ascii")
        message, end = _JSON.raw_decode(text)
    except (ValueError, RecursionError) as error:
        raise Malformed("not a message") from error
    if end != len(text):
        raise Malformed("more than a message")
    return message
