"""Messages over a byte stream: four bytes of length, most significant first, then that many bytes.

The trusted end never waits without a time limit and never takes in more than ``MAX_MESSAGE`` bytes at once.
"""

from __future__ import annotations

import os
import select
import socket
import struct
import time
from typing import Protocol

MAX_MESSAGE = 8 << 20  # text of MAX_BYTES characters, each escaped in six bytes, and some structure
IDLE = b""
"""A worker's message that its candidate waits without using a core."""
_HEAD = struct.Struct(">I")
_CREDENTIALS = struct.Struct("3i")  # struct ucred of unix(7): process, user, group
_SCM_CREDENTIALS = 2
_PASS_CREDENTIALS: int = getattr(socket, "SO_PASSCRED", 0)  # Linux only


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
    data = memoryview(_HEAD.pack(len(message)) + message)
    while data:
        data = data[os.write(descriptor, data) :]


def receive(descriptor: int, limit: int = MAX_MESSAGE) -> bytes:
    """Read one message, blocking.

    Raises:
        Closed: the other end is gone.
        Oversized: the message is longer than ``limit`` bytes.
    """
    (length,) = _HEAD.unpack(_read(descriptor, _HEAD.size))
    if length > limit:
        raise Oversized
    return _read(descriptor, length)


def _read(descriptor: int, length: int) -> bytes:
    chunks = []
    while length:
        chunk = os.read(descriptor, min(length, 1 << 20))
        if not chunk:
            raise Closed
        chunks.append(chunk)
        length -= len(chunk)
    return b"".join(chunks)


class PolledChannel:
    """A channel over a Unix socket.

    Attributes:
        sender_pid: number of the process that sent the first message, as the kernel tells it; None where it
            does not, or before that message.
    """

    def __init__(self, connection: socket.socket) -> None:
        connection.setblocking(False)
        self.sender_pid: int | None = None
        self._connection = connection
        self._buffer = bytearray()
        self._readable = select.poll()
        self._readable.register(connection, select.POLLIN)
        if _PASS_CREDENTIALS:
            connection.setsockopt(socket.SOL_SOCKET, _PASS_CREDENTIALS, 1)

    def send(self, message: bytes) -> None:
        """See ``Channel``."""
        data = memoryview(_HEAD.pack(len(message)) + message)
        while data:
            try:
                data = data[self._connection.send(data) :]
            except BlockingIOError:
                if not self._await_room():
                    return
            except OSError:
                return  # the reader is gone: receiving tells

    def _await_room(self, timeout_s: float = 10.0) -> bool:
        writable = select.poll()
        writable.register(self._connection, select.POLLOUT)
        return bool(writable.poll(timeout_s * 1000))

    def receive(self, timeout_s: float) -> bytes | None:
        """See ``Channel``."""
        deadline = time.monotonic() + timeout_s
        while (message := self._complete()) is None:
            left_s = deadline - time.monotonic()
            if left_s < 0 or not self._readable.poll(left_s * 1000):
                return None
            try:
                chunk = self._take()
            except ConnectionError:
                chunk = b""
            if not chunk:
                raise Closed
            self._buffer += chunk
        return message

    def _take(self) -> bytes:
        if self.sender_pid or not _PASS_CREDENTIALS:
            return self._connection.recv(1 << 16)
        chunk, ancillary, _, _ = self._connection.recvmsg(1 << 16, socket.CMSG_SPACE(_CREDENTIALS.size))
        for _, kind, data in ancillary:
            if kind == _SCM_CREDENTIALS:
                self.sender_pid, _, _ = _CREDENTIALS.unpack(data)
        self._connection.setsockopt(socket.SOL_SOCKET, _PASS_CREDENTIALS, 0)
        return chunk

    def _complete(self) -> bytes | None:
        if len(self._buffer) < _HEAD.size:
            return None
        (length,) = _HEAD.unpack_from(self._buffer)
        if length > MAX_MESSAGE:
            raise Oversized
        end = _HEAD.size + length
        if len(self._buffer) < end:
            return None
        message = bytes(self._buffer[_HEAD.size : end])
        del self._buffer[:end]
        return message

    def close(self) -> None:
        """See ``Channel``."""
        self._connection.close()
