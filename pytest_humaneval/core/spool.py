"""A spool: records kept on disk instead of in memory, so that a run's size does not show in its memory.

The file is anonymous: it has no name from the moment it is made, and however the process ends, nothing of
it is left. On a full disk records stay in memory: that costs memory, not the run.
"""

from __future__ import annotations

import json
import os
import tempfile
import threading
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Any, Generic, TypeVar, overload

from pytest_humaneval.core.errors import HumanEvalError

T = TypeVar("T")

Place = tuple[int, int]
"""Where a record is, in bytes: offset and length."""

# Made once, for json.dumps with separators makes an encoder for each call.
_ENCODE = json.JSONEncoder(separators=(",", ":")).encode


class Spool(Generic[T]):
    """Keeps records in the order in which they come; any thread may keep and read.

    Args:
        to_json: returns a record as JSON data.
        from_json: returns the record that such data stands for.
    """

    def __init__(self, to_json: Callable[[T], Any], from_json: Callable[[Any], T]) -> None:
        self._to_json, self._from_json = to_json, from_json
        self._lock = threading.Lock()
        self._end = 0
        self._in_memory: dict[int, bytes] = {}
        self._file: int | None = None
        self._is_closed = False
        with suppress(OSError), tempfile.TemporaryFile(prefix="humaneval-") as file:
            self._file = os.dup(file.fileno())

    def keep(self, records: Iterable[T]) -> Spooled[T]:
        """Keep records; return them as a sequence that reads each when it is asked for.

        Those that some spool keeps already are returned as they are.
        """
        if isinstance(records, Spooled):
            return records
        return Spooled(self, map(self.write, records))

    def write(self, record: T) -> Place:
        """Keep one record; return its place."""
        data = _ENCODE(self._to_json(record)).encode("ascii")
        with self._lock:
            offset = self._end
            self._end += len(data)
            if not self._is_written(data, offset):
                self._in_memory[offset] = data
        return offset, len(data)

    def read(self, place: Place) -> T:
        """Return the record at a place.

        Raises:
            HumanEvalError: the spool was closed.
        """
        offset, length = place
        # Under the lock, since once the file is closed another one may have its number.
        with self._lock:
            if self._is_closed:
                raise HumanEvalError("this was closed, and its texts are gone; read them before close()")
            data = self._in_memory.get(offset)
            if data is None and self._file is not None:
                data = os.pread(self._file, length, offset)
        return self._from_json(json.loads(data or b""))

    def close(self) -> None:
        """Release the file; no record can be read any more."""
        with self._lock:
            self._is_closed = True
            self._in_memory.clear()
            if self._file is not None:
                os.close(self._file)
            self._file = None

    def _is_written(self, data: bytes, offset: int) -> bool:
        if self._file is None:
            return False
        try:
            return os.pwrite(self._file, data, offset) == len(data)
        except OSError:
            return False

    def __del__(self) -> None:
        self.close()


class Spooled(Sequence[T]):
    """Records of a spool, each read when it is asked for; 16 bytes of memory each."""

    def __init__(self, spool: Spool[T], places: Iterable[Place] = ()) -> None:
        self._spool = spool
        self._offsets, self._lengths = array("q"), array("q")
        for place in places:
            self._append(place)

    def append(self, record: T) -> None:
        """Keep one more."""
        self._append(self._spool.write(record))

    def close(self) -> None:
        """Close the spool, with all that it keeps for others."""
        self._spool.close()

    def _append(self, place: Place) -> None:
        offset, length = place
        self._offsets.append(offset)
        self._lengths.append(length)

    def __len__(self) -> int:
        return len(self._offsets)

    def __iter__(self) -> Iterator[T]:
        for place in zip(self._offsets, self._lengths, strict=True):
            yield self._spool.read(place)

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> list[T]: ...
    def __getitem__(self, index: int | slice) -> T | list[T]:
        if isinstance(index, slice):
            places = zip(self._offsets[index], self._lengths[index], strict=True)
            return [self._spool.read(place) for place in places]
        return self._spool.read((self._offsets[index], self._lengths[index]))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    def __hash__(self) -> int:
        return id(self)
