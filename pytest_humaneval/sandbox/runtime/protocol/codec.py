"""Plain values as bytes and back: all that crosses between a candidate and the check that judges it.

Towards the candidate they go as ``marshal`` writes them, which is fast. What comes back is from an adversary,
and JSON:

    None, bool, float, small int           themselves (nan and infinities as JSON's usual extension)
    str without surrogates                 itself
    list                                   array
    everything else                        object of one member, whose key is the tag below

Decoding yields exact builtins and never runs code of the sender's choosing. What a sender can make the
receiver spend is bounded: bytes by the wire, depth and hashed elements (whose hashes may collide) by the
decoder.
"""

from __future__ import annotations

import json
import marshal
from collections.abc import Iterable
from typing import Any, NamedTuple

MAX_BYTES = 1 << 20
MAX_DEPTH = 100
MAX_DIMENSIONS = 64
MAX_HASHED = 2_000
MAX_ITERATED = 2_000
MAX_ITEMS = 200_000
MAX_INT_BITS = 1 << 21
MAX_RATIO_BITS = 1 << 12
MAX_DECIMAL_DIGITS = 400
SMALL_INT = 1 << 53


_ATOMS = frozenset({type(None), bool, int, float, complex, str, bytes, type(...)})
_CONTAINERS = frozenset({tuple, list, set, frozenset})


class Unsendable(ValueError):
    """A value, or its size or depth, that does not cross."""


class Malformed(ValueError):
    """A message that no honest sender writes."""


class Opaque:
    """Stands for an object that is no plain data: equal to nothing but itself.

    Args:
        description: for a person.
        truth: what ``bool`` says of it.
        decides: it has an ``__eq__`` of its own, or was too large to be sent, so that a comparison that
            fails here might have held.
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
    """What an object that is no exact builtin is sent as.

    Attributes:
        tag: one that ``decoding`` knows.
        content: text, or a list whose items may be any plain data.
    """

    tag: str
    content: str | list[Any]


def _bounded_int(digits: str) -> int:
    if len(digits) > 20:  # an encoder writes larger ones in hexadecimal, whose parsing is linear
        raise Malformed("a long decimal integer")
    return int(digits)


_JSON = json.JSONDecoder(parse_int=_bounded_int)


def pack(*message: Any) -> bytes:
    """Return plain data for a candidate's process, which unpacks it with ``marshal.loads``.

    Raises:
        Unsendable: some of it is no plain data.
    """
    try:
        _insist_on_plain(message)
        return marshal.dumps(message)
    except (ValueError, RecursionError) as error:  # too deep, or holding itself
        raise Unsendable(str(error)) from None


def _insist_on_plain(values: Iterable[Any]) -> None:
    """Refuse what ``marshal`` would write as something else."""
    for value in values:
        kind = type(value)
        if kind is dict:
            _insist_on_plain(value)
            _insist_on_plain(value.values())
        elif kind in _CONTAINERS:
            _insist_on_plain(value)
        elif kind not in _ATOMS:
            raise Unsendable(f"{kind.__name__} object")


def loads(data: bytes) -> Any:
    """Return the JSON types in ``data``.

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
