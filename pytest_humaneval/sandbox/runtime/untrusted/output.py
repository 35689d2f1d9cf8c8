"""What a candidate prints: the end of it is kept, in its own process, for whoever looks into a failure."""

from __future__ import annotations

import io
import sys
from contextlib import suppress
from typing import Any

MAX_BYTES = 2_000


class Output:
    """The end of all that goes to standard output and standard error through Python's own streams.

    What is written to the descriptors themselves, or by other processes, is lost as ever.
    """

    def __init__(self) -> None:
        self._kept = b""
        self._streams: list[io.TextIOWrapper] = []

    def take_over(self) -> None:
        """Become this process's standard output and standard error."""
        for descriptor, name in ((1, "stdout"), (2, "stderr")):
            replaced = getattr(sys, name)
            stream = io.TextIOWrapper(
                io.BufferedWriter(_Stream(descriptor, self)),
                encoding=getattr(replaced, "encoding", None) or "utf-8",
                errors=getattr(replaced, "errors", None),
                line_buffering=name == "stderr",
            )
            setattr(sys, name, stream)
            self._streams.append(stream)

    def keep(self, written: memoryview) -> None:
        """Keep the end of this and of what came before."""
        self._kept = (self._kept + bytes(written[-MAX_BYTES:]))[-MAX_BYTES:]

    def end(self) -> str:
        """Return the end of what was printed."""
        for stream in self._streams:
            with suppress(Exception):  # whatever the candidate did to it
                stream.flush()
        return self._kept.decode("utf-8", "replace")


class _Stream(io.RawIOBase):
    def __init__(self, descriptor: int, output: Output) -> None:
        super().__init__()
        self._descriptor, self._output = descriptor, output

    def fileno(self) -> int:
        """Return what a program expects of this stream."""
        return self._descriptor

    def writable(self) -> bool:
        """See ``io.IOBase``."""
        return True

    def write(self, data: Any) -> int:
        """Keep the end; see ``io.RawIOBase``."""
        written = memoryview(data)
        self._output.keep(written)
        return len(written)
