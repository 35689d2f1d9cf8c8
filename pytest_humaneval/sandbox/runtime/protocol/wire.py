"""Messages over a byte stream: four bytes of length, most significant first, then that many bytes.

The trusted end never waits without a time limit and never takes in more than ``MAX_MESSAGE`` bytes at once.
"""

from __future__ import annotations

import _socket as socket  # what ``socket`` adds, each fork would carry: a third of a MiB
import contextlib
import os
import struct
import time
from typing import Protocol

MAX_MESSAGE = 8 << 20  # text of MAX_BYTES characters, each escaped in six bytes, and some structure
IDLE = b""
"""A worker's message that its candidate waits without using a core."""
SENDING_S = 10.0
_HEAD_BYTES = 4


class Closed(Exception):
    """The other end is gone."""


class Oversized(Exception):
    """The other end announced more than ``MAX_MESSAGE`` bytes."""


class Channel(Protocol):
    """The trusted end of a connection to an untrusted process."""

    def send(self, message: bytes) -> None:
        """Send one message; one that nobody reads is dropped."""
        ...

    def receive(self, timeout_s: float) -> bytes | None:
        """Return the next message, or None if it is not there after ``timeout_s`` seconds.

        Raises:
            Closed: the other end is gone.
            Oversized: the message is too long.
        """
        ...

    def close(self) -> None:
        """Release the descriptors."""
        ...


def send(descriptor: int, message: bytes) -> None:
    """Write one message, blocking."""
    data = framed(message)
    while data:
        data = data[os.write(descriptor, data) :]


def framed(message: bytes) -> bytes:
    """Return a message as it is written."""
    return len(message).to_bytes(_HEAD_BYTES, "big") + message


def receive(descriptor: int, limit: int = MAX_MESSAGE) -> bytes:
    """Read one message, blocking.

    Raises:
        Closed: the other end is gone.
        Oversized: the message is longer than ``limit`` bytes.
    """
    length = int.from_bytes(_read(descriptor, _HEAD_BYTES), "big")
    if length > limit:
        raise Oversized
    return _read(descriptor, length)


def _read(descriptor: int, length: int) -> bytes:
    data = b""
    while len(data) < length:
        chunk = os.read(descriptor, length - len(data))
        if not chunk:
            raise Closed
        data = data + chunk if data else chunk
    return data


class SocketChannel:
    """A channel over a Unix socket, whose waiting is left to the kernel."""

    def __init__(self, connection: socket.socket) -> None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, _timeval(SENDING_S))
        self._connection = connection
        self._buffer = bytearray()
        self._patience_s = 0.0

    def send(self, message: bytes) -> None:
        """See ``Channel``."""
        with contextlib.suppress(OSError):  # the reader is gone, or reads nothing: receiving tells
            self._connection.sendall(framed(message))

    def receive(self, timeout_s: float) -> bytes | None:
        """See ``Channel``."""
        if timeout_s != self._patience_s:
            self._patience_s = max(timeout_s, 0.001)  # none at all would be for ever
            self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, _timeval(self._patience_s))
        deadline = time.monotonic() + timeout_s
        while (message := self._complete()) is None:
            try:
                self._buffer += self._chunk()
            except BlockingIOError:
                return None
            if time.monotonic() > deadline:
                return self._complete()
        return message

    def _chunk(self) -> bytes:
        try:
            chunk = self._connection.recv(1 << 16)
        except ConnectionError:
            chunk = b""
        if not chunk:
            raise Closed
        return chunk

    def _complete(self) -> bytes | None:
        end = _HEAD_BYTES + int.from_bytes(self._buffer[:_HEAD_BYTES], "big")
        if end > MAX_MESSAGE + _HEAD_BYTES:
            raise Oversized
        if len(self._buffer) < end:
            return None
        message = bytes(self._buffer[_HEAD_BYTES:end])
        del self._buffer[:end]
        return message

    def close(self) -> None:
        """See ``Channel``."""
        self._connection.close()


def _timeval(seconds: float) -> bytes:
    return struct.pack("ll", int(seconds), int(seconds % 1 * 1e6))
