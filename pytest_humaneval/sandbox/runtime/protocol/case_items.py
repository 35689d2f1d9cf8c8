"""What the calls of one problem's cases returned, as they travel in batches: one item for each call.

    kind      content                                         of a value that
    PLAIN     ``marshal`` data, at most MAX_PLAIN bytes       consists of exact builtins
    UNEQUAL   as PLAIN, of the reference alone                does not equal itself, for it holds a NaN
    JSON      text as in ``codec``                            holds other objects, in an exact builtin
    OBJECT    as JSON                                         is no exact builtin itself
    DIGEST    of its ``marshal`` data                         would be too large as PLAIN
    FLOATS    as DIGEST                                       as DIGEST: floats alone, in a list or tuple
    NORMAL    its digest in normal form, and a preview        as DIGEST; only when asked for
    SMALL     nothing                                         is not asked for
    FAILED    JSON as in ``child``                            does not exist: the call raised; the last item
    TIMES     CPU seconds of all calls, as doubles            the reference alone sends, as the last item

Each is framed as its kind, four bytes of length, and the content.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from .codec import Malformed

PLAIN, UNEQUAL, JSON, OBJECT, DIGEST, FLOATS = b"p", b"u", b"j", b"o", b"d", b"f"
NORMAL, SMALL, FAILED, TIMES = b"n", b"s", b"e", b"t"
KINDS = frozenset({PLAIN, UNEQUAL, JSON, OBJECT, DIGEST, FLOATS, NORMAL, SMALL, FAILED, TIMES})
MAX_PLAIN = 1 << 16
# How cases are called, see ``case_calls``.
CANDIDATE, REFERENCE, NORMALLY = "candidate", "reference", "normally"
_HEAD_BYTES = 5


class Item(NamedTuple):
    """What one call returned; see the module."""

    kind: bytes
    content: bytes


def joined(items: Iterable[Item]) -> bytes:
    """Return items as one message."""
    return b"".join([kind + len(content).to_bytes(4, "big") + content for kind, content in items])


def split(message: bytes, most: int) -> list[Item]:
    """Return the items of a message, at least one and at most ``most``.

    Raises:
        Malformed: it is none that ``joined`` returns.
    """
    items: list[Item] = []
    start = 0
    while start < len(message):
        begin = start + _HEAD_BYTES
        kind, length = message[start : start + 1], int.from_bytes(message[start + 1 : begin], "big")
        start = begin + length
        if start > len(message) or kind not in KINDS or len(items) == most:
            raise Malformed("no items")
        items.append(Item(kind, message[begin:start]))
    if not items:
        raise Malformed("no items")
    return items
