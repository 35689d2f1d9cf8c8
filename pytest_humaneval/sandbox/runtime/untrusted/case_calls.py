"""Call a candidate's entry point for each case, in its own process, and send what it returns in batches.

    in    ("cases", base, plus, how, slow)
                                        ``marshal`` data of the arguments of all calls; how: see below; the
                                        numbers of calls that may take longer than others, from 0
    out   a batch of items              see ``case_items``; then one of these is awaited:
    in    ("go",)                       go on
          ("normal",)                   answered by a batch of one item: the last result in normal form
          anything else                 is for ``child``: no more calls are made

A batch is sent after ``BATCH_S`` seconds at most, unless a single call takes longer; so the other end sees
how far this one has come. Another is sent after the last base case, before each slow one, and after each
value that is too large.

    how   CANDIDATE     as above
          REFERENCE     values that hold a NaN are marked, and the CPU time of each call is sent at the end
          NORMALLY      as CANDIDATE, but of large values the normal form is sent, and of others nothing
"""

from __future__ import annotations

import marshal
import struct
import sys
from collections.abc import Callable, Iterator
from itertools import chain
from time import perf_counter, process_time
from typing import Any

from ..protocol import case_items, wire
from ..protocol.case_items import CANDIDATE, NORMALLY, REFERENCE, Item
from ..protocol.codec import MAX_DEPTH
from ..protocol.digests import NoNormalForm, exact_digest, normal_digest
from ..protocol.marshalled import VERSION

BATCH_S = 0.01
BATCH_BYTES = 1 << 16
MAX_PREVIEW = 300

_ATOMS = {type(None), bool, int, float, complex, str, bytes, type(...)}
_CONTAINERS = {list, tuple, dict, set, frozenset}
_BUILTINS = _ATOMS | _CONTAINERS
# What they define has a buffer, and marshal would write it as the bytes in it.
_MODULES_OF_BUFFERS = ("array", "numpy", "_ctypes", "mmap")
# After these nothing follows in a batch.
_AWAITED = (case_items.FAILED, case_items.DIGEST, case_items.FLOATS)


class _Interrupted(Exception):
    """The other end wants something else."""

    def __init__(self, message: list[Any]) -> None:
        super().__init__(message)
        self.message = message


class CaseCalls:
    """Calls one function for all cases.

    Args:
        function: the entry point.
        describe: returns the reply for an exception of it.
        encode: returns JSON for a value that is not made of exact builtins.
        reader: descriptor to read messages from.
        writer: descriptor to write to.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        describe: Callable[[BaseException], str],
        encode: Callable[[Any], str],
        reader: int,
        writer: int,
    ) -> None:
        self._function, self._describe, self._encode = function, describe, encode
        self._reader, self._writer = reader, writer
        self._clock = perf_counter
        self._seconds: list[float] = []
        self._batch: list[Item] = []
        self._batch_bytes, self._sent_s = 0, 0.0
        # Kept until the other end goes on: it may ask for the normal form.
        self._result: Any = None

    def run(self, base: bytes, plus: bytes, how: str, slow: list[int]) -> list[Any] | None:
        """Make all calls, unless the other end wants no more; return its next message, if there is one."""
        pack = {CANDIDATE: self._packed, REFERENCE: _marked(self._packed), NORMALLY: _in_normal_form}[how]
        self._clock = process_time if how == REFERENCE else perf_counter
        self._sent_s = perf_counter()
        try:
            for part in filter(None, (base, plus)):
                self._call_all(marshal.loads(part), pack, set(slow))  # noqa: S302 -- from the trusted side
            if how == REFERENCE:
                times = struct.pack(f"<{len(self._seconds)}d", *self._seconds)
                self._batch.append(Item(case_items.TIMES, times))
                self._send()
        except _Interrupted as interruption:
            return interruption.message
        return None

    def _call_all(self, cases: list[list[Any]], pack: Callable[[Any], Item], slow: set[int]) -> None:
        for arguments in cases:
            if len(self._seconds) in slow and self._batch:
                self._send()
            began_s = self._clock()
            try:
                self._result = self._function(*arguments)
                item = pack(self._result)
            except BaseException as error:
                item = Item(case_items.FAILED, self._describe(error).encode())
            self._seconds.append(self._clock() - began_s)
            self._batch.append(item)
            self._batch_bytes += len(item.content)
            if item.kind in _AWAITED or self._batch_bytes > BATCH_BYTES or self._is_late():
                self._send()
        if self._batch:
            self._send()

    def _is_late(self) -> bool:
        return perf_counter() - self._sent_s > BATCH_S

    def _send(self) -> None:
        """Send what there is, and wait until the other end goes on.

        Raises:
            _Interrupted: it does not.
        """
        wire.send(self._writer, case_items.joined(self._batch))
        while (message := list(marshal.loads(wire.receive(self._reader)))) == ["normal"]:  # noqa: S302
            wire.send(self._writer, case_items.joined([_normal(self._result)]))
        if message != ["go"]:
            raise _Interrupted(message)
        self._batch, self._batch_bytes, self._sent_s = [], 0, perf_counter()

    def _packed(self, result: Any) -> Item:
        if not any(module in sys.modules for module in _MODULES_OF_BUFFERS) or _is_plain(result):
            try:
                return _marshalled(result)
            # It holds other objects, or is too deep.
            except ValueError:
                pass
        kind = case_items.JSON if type(result) in _BUILTINS else case_items.OBJECT
        return Item(kind, self._encode(result).encode())


def _marshalled(result: Any) -> Item:
    is_long = type(result) in (list, tuple) and len(result) > case_items.MAX_PLAIN
    if not is_long and len(data := marshal.dumps(result, VERSION)) <= case_items.MAX_PLAIN:
        return Item(case_items.PLAIN, data)
    are_floats = type(result) in (list, tuple) and set(map(type, result)) == {float}
    return Item(case_items.FLOATS if are_floats else case_items.DIGEST, exact_digest(result))


def _marked(pack: Callable[[Any], Item]) -> Callable[[Any], Item]:
    """Return a function that packs a result as ``pack`` does, and marks one that does not equal itself."""

    def packed(result: Any) -> Item:
        item = pack(result)
        if item.kind in (case_items.JSON, case_items.OBJECT) or not _holds_nan(result):
            return item
        return Item(case_items.UNEQUAL, item.content if item.kind == case_items.PLAIN else b"")

    return packed


def _in_normal_form(result: Any) -> Item:
    try:
        if _marshalled(result).kind == case_items.PLAIN:
            return Item(case_items.SMALL, b"")
    except ValueError:
        return Item(case_items.SMALL, b"")
    return _normal(result)


def _normal(result: Any) -> Item:
    try:
        digest = normal_digest(result)
    except NoNormalForm:
        digest = b""
    preview = _preview(result).encode("utf-8", "backslashreplace")
    return Item(case_items.NORMAL, bytes([len(digest)]) + digest + preview)


def _preview(result: Any) -> str:
    # Imported late: it is seldom needed.
    import reprlib

    try:
        return reprlib.repr(result)[:MAX_PREVIEW]
    # An integer of more digits than Python converts.
    except ValueError:
        return f"{type(result).__name__} of very large integers"


def _is_plain(value: Any) -> bool:
    """Return whether a value consists of exact builtins."""
    return all(kinds <= _BUILTINS for kinds, _ in _levels(value))


def _holds_nan(value: Any) -> bool:
    """Return whether a value of exact builtins holds a NaN."""
    return any(
        float in kinds and any(each != each for each in level() if type(each) is float)
        for kinds, level in _levels(value)
    )


def _levels(value: Any) -> Iterator[tuple[set[type], Callable[[], Any]]]:
    """Yield each level of nesting: the types in it, and a function that returns its values.

    What is read is read at the speed of C. A value that is nested too deep yields a type that is no builtin.
    """
    level: Callable[[], Any] = lambda: (value,)  # noqa: E731 -- each level is read more than once
    for _ in range(MAX_DEPTH + 1):
        yield (kinds := set(map(type, level()))), level
        if not kinds & _CONTAINERS:
            return
        level = _level_below(level, kinds)
    yield {object}, tuple


def _level_below(level: Callable[[], Any], kinds: set[type]) -> Callable[[], Any]:
    if kinds <= _CONTAINERS - {dict}:
        return lambda: chain.from_iterable(level())
    return lambda: chain.from_iterable(_elements(each) for each in level() if type(each) in _CONTAINERS)


def _elements(container: Any) -> Any:
    return chain(container, container.values()) if type(container) is dict else container
