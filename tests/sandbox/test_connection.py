"""The pipes to a worker process: whatever the process does, each wait is bounded."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from pytest_humaneval.sandbox.connection import Connection, ConnectionLost

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads states from /proc")

ECHO = """
import os
head = os.read(0, 4)
length = int.from_bytes(head, "big")
body = b""
while len(body) < length:
    body += os.read(0, length)
os.write(1, head[:3])
os.write(1, head[3:])
while body:
    body = body[os.write(1, body):]
"""
LEAVES_A_CHILD = "import os, time\nif os.fork() == 0: time.sleep(20)"


@contextmanager
def connected(program: str) -> Iterator[Connection]:
    """Start a program; it is killed at the end."""
    command = [sys.executable, "-c", program]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0) as process:
        connection = Connection(process)
        try:
            yield connection
        finally:
            process.kill()
            connection.close()


@pytest.mark.parametrize("length", [0, 1, 1_000_000])
def test_a_message_comes_back_whole(length: int) -> None:
    """Of any length, and in as many pieces as the pipe makes of it."""
    message = b"x" * length
    with connected(ECHO) as connection:
        connection.send(message, 20)

        assert connection.receive(20) == message


def test_a_process_that_sends_nothing_is_given_up() -> None:
    """It is still alive after that: only the wait has ended."""
    with connected("import time; time.sleep(1000)") as connection:
        with pytest.raises(ConnectionLost, match="did not answer in time"):
            connection.receive(0.1)

        assert not connection.ends_within(0.1)


def test_a_process_that_reads_nothing_is_given_up() -> None:
    """Sending more than a pipe holds to a process that does not read ends at the deadline."""
    with (
        connected("import time; time.sleep(1000)") as connection,
        pytest.raises(ConnectionLost, match="did not answer in time"),
    ):
        connection.send(b"x" * 1_000_000, 0.1)


def test_a_child_that_holds_the_pipe_does_not_hide_the_end() -> None:
    """It has ended, though a child of it holds its output open."""
    began_s = time.monotonic()
    with connected(LEAVES_A_CHILD) as connection:
        with pytest.raises(ConnectionLost, match="it ended"):
            connection.receive(60)

        assert connection.ends_within(5)
    assert time.monotonic() - began_s < 15
