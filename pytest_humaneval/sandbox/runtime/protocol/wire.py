"""Messages over a byte stream: four bytes of length, big-endian, then that many bytes.

The trusted end never waits without a time limit and never takes in more than ``MAX_MESSAGE`` bytes at once.
"""

from __future__ import annotations

# Not ``socket``: each fork would carry what that adds to ``_socket``, a third of a MiB.
import _socket as socket
import contextlib
import os
import struct
import time
from typing import Protocol

# Text of codec.MAX_BYTES characters, of which JSON may escape each in six bytes, and some structure.
MAX_MESSAGE = 8 << 20
# A worker's message that its candidate waits without using a core.
IDLE = b""
SEND_TIMEOUT_S = 10.0
_HEAD_BYTES = 4


class Closed(Exception):
    """The other end is gone."""


class Oversized(Exception):
    """The other end announced more than ``MAX_MESSAGE`` bytes."""


class Channel(Protocol):
    """The trusted end of a connection to an untrusted process."""

    def send(self, message: bytes) -> None:
        """Send one message; it is dropped where the other end is gone or does not read."""
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
    """Return a message with its length before it, as it goes over the wire."""
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
    """A channel over a Unix socket with the kernel's own timeouts: one system call less than with poll."""

    def __init__(self, connection: socket.socket) -> None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, _timeval(SEND_TIMEOUT_S))
        self._connection = connection
        self._buffer = bytearray()
        self._timeout_s = 0.0

    def send(self, message: bytes) -> None:
        """See ``Channel``."""
        # The reader is gone, or reads nothing: receive reports it.
        with contextlib.suppress(OSError):
            self._connection.sendall(framed(message))

    def receive(self, timeout_s: float) -> bytes | None:
        """See ``Channel``."""
        if timeout_s != self._timeout_s:
            # A timeout of 0 means to wait for ever: socket(7), SO_RCVTIMEO.
            self._timeout_s = max(timeout_s, 0.001)
            self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, _timeval(self._timeout_s))
        # The kernel's timeout starts anew with each chunk: a sender of single bytes would stretch it.
        deadline_s = time.monotonic() + timeout_s
        while (message := self._complete()) is None:
            try:
                self._buffer += self._chunk()
            except BlockingIOError:
                return None
            if time.monotonic() > deadline_s:
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
        # With less than a whole head this reads too small a length, and then waits for more all the same.
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
