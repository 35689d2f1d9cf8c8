"""Messages to and from a worker process over pipes; every wait is bounded, for the process may hang."""

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

# How long the pipe may be silent before the process's state is read from /proc.
STATE_CHECK_INTERVAL_S = 1.0
# One check is not enough: cpulimit(1) slows a process down by stopping it again and again, each time briefly.
MAX_CHECKS_STOPPED = 3
# State letters of proc_pid_stat(5): stopped on a signal; zombie, dead.
STOPPED, ENDED = "T", ("Z", "X")

_HAS_POLL = hasattr(select, "poll")
_CHUNK_BYTES = 1 << 13
_HEAD_BYTES = 4
_REAPING_S = 1.0


class ConnectionLost(Exception):
    """The process ended, was stopped or did not answer in time; the text says which."""


class Connection:
    """Messages to and from a process over its standard input and output, framed as in ``wire``.

    Where pipes cannot be polled (Windows), a timer kills a process that is late, which ends the read.

    Args:
        process: started with pipes for both, unbuffered.
    """

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        requests, answers = process.stdin, process.stdout
        assert requests is not None and answers is not None  # noqa: S101, PT018 -- both were asked for
        self._process, self._requests, self._answers = process, requests, answers
        self._received = bytearray()
        if _HAS_POLL:
            # A blocking write of more than the pipe holds would wait for a stopped reader without a limit.
            os.set_blocking(requests.fileno(), False)
            self._readable = _poll(answers.fileno(), select.POLLIN)

    def send(self, message: bytes, timeout_s: float) -> None:
        """Send one message.

        Raises:
            ConnectionLost: the process ended, was stopped, or has not read it after ``timeout_s`` seconds.
        """
        data = memoryview(wire.framed(message))
        deadline_s = time.monotonic() + timeout_s
        with self._translating_errors(deadline_s):
            while data:
                try:
                    data = data[os.write(self._requests.fileno(), data) :]
                except BlockingIOError:
                    self._wait_until_ready(_poll(self._requests.fileno(), select.POLLOUT), deadline_s)

    def receive(self, timeout_s: float) -> bytes:
        """Return the next message.

        Raises:
            ConnectionLost: the process ended, was stopped, or sent nothing for ``timeout_s`` seconds.
        """
        deadline_s = time.monotonic() + timeout_s
        with self._translating_errors(deadline_s):
            while (message := self._complete()) is None:
                self._received += self._chunk(deadline_s)
        return message

    def close_input(self) -> None:
        """Close the process's standard input, which asks a worker to end."""
        self._requests.close()

    def close(self) -> None:
        """Release the descriptors."""
        self._requests.close()
        self._answers.close()

    def is_stopped(self) -> bool:
        """Whether the process is stopped at this moment."""
        return self._state() == STOPPED

    def ends_within(self, timeout_s: float) -> bool:
        """Wait for the process to end and return whether it has; what it still sends is discarded."""
        # The end of its output comes first, for poll(2) returns at once when it closes, and Popen.wait with a
        # timeout sleeps up to 50 ms between two looks.
        deadline_s = time.monotonic() + timeout_s
        with suppress(ConnectionLost, OSError, ValueError):
            while _HAS_POLL:
                self._chunk(deadline_s)
        try:
            self._process.wait(_REAPING_S if _HAS_POLL else timeout_s)
        except subprocess.TimeoutExpired:
            return False
        return True

    def _chunk(self, deadline_s: float) -> bytes:
        if _HAS_POLL:
            self._wait_until_ready(self._readable, deadline_s)
        chunk = os.read(self._answers.fileno(), _CHUNK_BYTES)
        if not chunk:
            raise ConnectionLost("it ended")
        return chunk

    def _complete(self) -> bytes | None:
        end = _HEAD_BYTES + int.from_bytes(self._received[:_HEAD_BYTES], "big")
        if end > wire.MAX_MESSAGE + _HEAD_BYTES:
            raise ConnectionLost("it sent an oversized message")
        if len(self._received) < end:
            return None
        message = bytes(self._received[_HEAD_BYTES:end])
        del self._received[:end]
        return message

    def _wait_until_ready(self, ready: select.poll, deadline_s: float) -> None:
        checks_stopped = 0
        while not ready.poll(STATE_CHECK_INTERVAL_S * 1000):
            state = self._state()
            checks_stopped = checks_stopped + 1 if state == STOPPED else 0
            # The pipe alone does not show that it ended: a child that it left behind may hold the pipe open.
            if state in ENDED:
                raise ConnectionLost("it ended")
            if checks_stopped == MAX_CHECKS_STOPPED:
                raise ConnectionLost("it was stopped (SIGSTOP)")
            if time.monotonic() > deadline_s:
                raise ConnectionLost("it did not answer in time")

    def _state(self) -> str | None:
        """Return the process's state in one letter; None on platforms without /proc."""
        try:
            return Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()[0]
        except (OSError, IndexError):
            return None

    @contextmanager
    def _translating_errors(self, deadline_s: float) -> Iterator[None]:
        """Raise ConnectionLost for a broken pipe; without poll, kill the process at the deadline."""
        late = None
        if not _HAS_POLL:
            late = threading.Timer(deadline_s - time.monotonic(), self._process.kill)
            late.start()
        try:
            yield
        # ValueError: another thread has closed the file object meanwhile.
        except (OSError, ValueError) as error:
            raise ConnectionLost("it ended") from error
        finally:
            if late is not None:
                late.cancel()


def _poll(descriptor: int, event: int) -> select.poll:
    ready = select.poll()
    ready.register(descriptor, event)
    return ready
