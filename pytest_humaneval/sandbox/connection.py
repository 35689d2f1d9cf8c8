"""The pipes to a worker process, on which nobody waits for ever: it may be stopped, or simply say nothing."""

from __future__ import annotations

import os
import select
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pytest_humaneval.sandbox.runtime.protocol import wire

LOOK_S = 1.0
"""How long to wait for a sign of life before the process's state is looked at."""
LOOKS_STOPPED = 3
"""In a row; tools that slow a process down stop it again and again, but not for long (cpulimit(1))."""
STOPPED, ENDED = "T", ("Z", "X")
"""States of a process, see proc_pid_stat(5)."""

_HAS_POLL = hasattr(select, "poll")
_CHUNK_BYTES = 1 << 13
_HEAD_BYTES = 4
_REAPING_S = 1.0


class Lost(Exception):
    """There is no process to talk to any more; the text says why."""


class Connection:
    """Messages to and from a process over its standard input and output, see ``wire``.

    Where pipes cannot be waited for with a limit (Windows), a process that is late is killed by a thread.

    Args:
        process: with pipes for both, unbuffered.
    """

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        requests, answers = process.stdin, process.stdout
        assert requests is not None and answers is not None  # noqa: S101, PT018 -- both were asked for
        self._process, self._requests, self._answers = process, requests, answers
        self._received = bytearray()
        if _HAS_POLL:
            os.set_blocking(requests.fileno(), False)
            self._readable = _poll(answers.fileno(), select.POLLIN)

    def send(self, message: bytes, limit_s: float) -> None:
        """Send one message.

        Raises:
            Lost: the process is gone, was stopped, or takes nothing in within ``limit_s`` seconds.
        """
        data = memoryview(wire.framed(message))
        deadline_s = time.monotonic() + limit_s
        with self._losing(deadline_s):
            while data:
                try:
                    data = data[os.write(self._requests.fileno(), data) :]
                except BlockingIOError:
                    self._await(_poll(self._requests.fileno(), select.POLLOUT), deadline_s)

    def receive(self, limit_s: float) -> bytes:
        """Return the next message.

        Raises:
            Lost: the process is gone, was stopped, or says nothing within ``limit_s`` seconds.
        """
        deadline_s = time.monotonic() + limit_s
        with self._losing(deadline_s):
            while (message := self._complete()) is None:
                self._received += self._chunk(deadline_s)
        return message

    def leave(self) -> None:
        """Close the process's input."""
        self._requests.close()

    def close(self) -> None:
        """Release the descriptors."""
        self._requests.close()
        self._answers.close()

    def is_stopped(self) -> bool:
        """Whether the process is stopped at this moment."""
        return self._state() == STOPPED

    def ends_within(self, limit_s: float) -> bool:
        """Wait for the process to end; what it still says is for nobody.

        The end of its output is waited for first: ``Popen.wait`` with a limit looks only every 50 ms.
        """
        deadline_s = time.monotonic() + limit_s
        with suppress(Lost, OSError, ValueError):
            while _HAS_POLL:
                self._chunk(deadline_s)
        try:
            self._process.wait(_REAPING_S if _HAS_POLL else limit_s)
        except subprocess.TimeoutExpired:
            return False
        return True

    def _chunk(self, deadline_s: float) -> bytes:
        if _HAS_POLL:
            self._await(self._readable, deadline_s)
        chunk = os.read(self._answers.fileno(), _CHUNK_BYTES)
        if not chunk:
            raise Lost("it ended")
        return chunk

    def _complete(self) -> bytes | None:
        end = _HEAD_BYTES + int.from_bytes(self._received[:_HEAD_BYTES], "big")
        if end > wire.MAX_MESSAGE + _HEAD_BYTES:
            raise Lost("it said what nobody understands")
        if len(self._received) < end:
            return None
        message = bytes(self._received[_HEAD_BYTES:end])
        del self._received[:end]
        return message

    def _await(self, ready: select.poll, deadline_s: float) -> None:
        looks_stopped = 0
        while not ready.poll(LOOK_S * 1000):
            state = self._state()
            looks_stopped = looks_stopped + 1 if state == STOPPED else 0
            # A process that it has left behind may hold the pipe open.
            if state in ENDED:
                raise Lost("it ended")
            if looks_stopped == LOOKS_STOPPED:
                raise Lost("it was stopped (SIGSTOP)")
            if time.monotonic() > deadline_s:
                raise Lost("it did not answer in time")

    def _state(self) -> str | None:
        """Return the process's state in one letter; None where the platform does not tell."""
        try:
            return Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()[0]
        except (OSError, IndexError):
            return None

    @contextmanager
    def _losing(self, deadline_s: float) -> Iterator[None]:
        """Translate what a broken pipe raises; without poll, have the process killed at the deadline."""
        late = None
        if not _HAS_POLL:
            late = threading.Timer(deadline_s - time.monotonic(), self._process.kill)
            late.start()
        try:
            yield
        except (OSError, ValueError) as error:  # the latter, where another thread closed it
            raise Lost("it ended") from error
        finally:
            if late is not None:
                late.cancel()


def _poll(descriptor: int, event: int) -> select.poll:
    ready = select.poll()
    ready.register(descriptor, event)
    return ready
