"""Keep the end of what a candidate prints, in its own process, for the report of a failure."""

from __future__ import annotations

import io
import sys
from contextlib import suppress
from typing import Any

MAX_BYTES = 2_000


class Output:
    """The last ``MAX_BYTES`` that were written to ``sys.stdout`` and ``sys.stderr`` together.

    What is written to the descriptors themselves, or by other processes, is lost: they lead to /dev/null.
    """

    def __init__(self) -> None:
        self._kept = b""
        self._streams: list[io.TextIOWrapper] = []

    def take_over(self) -> None:
        """Replace ``sys.stdout`` and ``sys.stderr``."""
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
        """Append to what is kept, and drop what is before the last ``MAX_BYTES``."""
        self._kept = (self._kept + bytes(written[-MAX_BYTES:]))[-MAX_BYTES:]

    def end(self) -> str:
        """Return the end of what was printed."""
        for stream in self._streams:
            # The candidate may have closed or detached it, or replaced its methods.
            with suppress(Exception):
                stream.flush()
        return self._kept.decode("utf-8", "replace")


class _Stream(io.RawIOBase):
    def __init__(self, descriptor: int, output: Output) -> None:
        super().__init__()
        self._descriptor, self._output = descriptor, output

    def fileno(self) -> int:
        """See ``io.IOBase``; some programs ask for it."""
        return self._descriptor

    def writable(self) -> bool:
        """See ``io.IOBase``."""
        return True

    def write(self, data: Any) -> int:
        """See ``io.RawIOBase``."""
        written = memoryview(data)
        self._output.keep(written)
        return len(written)
