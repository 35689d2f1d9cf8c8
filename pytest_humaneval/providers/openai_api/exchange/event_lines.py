"""The data of server-sent events, out of bytes that are split anywhere.

A line ends with LF, CR or CRLF, and in no other way: text of a model may hold other characters that Python
takes for line ends (U+2028, U+0085), and a piece of the network may end inside a character. So lines are
split as bytes, and decoded when they are whole. Source: HTML standard, "Server-sent events".
"""

from __future__ import annotations

_DATA = b"data:"


class EventLines:
    """Reads one stream."""

    def __init__(self) -> None:
        self._rest = b""
        self._data: list[bytes] = []

    def fed(self, piece: bytes) -> list[str]:
        """Return the data of the events that this piece completes.

        Raises:
            UnicodeDecodeError: a line is no UTF-8.
        """
        lines = (self._rest + piece).splitlines(keepends=True)
        # A CR at the end may be half of a CRLF.
        self._rest = lines.pop() if lines and not lines[-1].endswith(b"\n") else b""
        return [data for line in lines for data in self._taken(line.rstrip(b"\r\n"))]

    def _taken(self, line: bytes) -> list[str]:
        """Take one line; return the data of the event that it ends, if it ends one."""
        if line.startswith(_DATA):
            self._data.append(line[len(_DATA) :].removeprefix(b" "))
        # Lines of other kinds are comments, such as signs of life, and fields that no server here needs.
        if line or not self._data:
            return []
        data, self._data = b"\n".join(self._data), []
        return [data.decode()]
