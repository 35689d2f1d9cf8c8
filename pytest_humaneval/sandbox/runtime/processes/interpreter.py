"""The one-shot way where nothing can be forked: a fresh interpreter for each candidate.

What is left there of the layers: a process of its own, an empty environment, a scratch folder and the wall
clock; and, as everywhere, a check that the candidate's process does not hold.
"""

from __future__ import annotations

import os
import subprocess
import threading
from queue import Empty, SimpleQueue
from typing import IO

from ..isolation.confinement import LayerReport
from ..isolation.scratch import Scratch, make_top
from ..isolation.settings import WorkerSettings
from ..protocol import wire
from ..untrusted import child
from ..untrusted.output import Output
from .bootstrap import command, make_streams_binary, scrubbed_environment
from .process_tree import describe_exit, kill_tree


class FreshInterpreters:
    """Starts an interpreter for each candidate.

    Attributes:
        report: the layers, all of which are missing.
    """

    def __init__(self, settings: WorkerSettings) -> None:
        del settings  # nothing of it can be imposed here
        self._scratch = Scratch(make_top())
        self.report: LayerReport = {"fork": "this platform has none"}

    def start(self) -> FreshProcess:
        """Start one; the one before has been ended."""
        self._scratch.discard()
        self._scratch.make()
        return FreshProcess()

    def companion_pids(self) -> list[int]:
        """Return none: no process lasts."""
        return []

    def close(self) -> None:
        """Remove the scratch folder."""
        self._scratch.remove()


class FreshProcess:
    """A fresh interpreter; see ``watchdog.CandidateProcess``."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(  # noqa: S603 -- our own command line
            command("processes.interpreter", ""),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=scrubbed_environment(),
            start_new_session=os.name == "posix",
        )
        reader, writer = self._process.stdout, self._process.stdin
        assert reader is not None and writer is not None  # noqa: S101, PT018 -- both were asked for
        self.channel = ThreadedChannel(reader, writer)

    def pid(self) -> int | None:
        """Return its number."""
        return self._process.pid

    def disk_mib(self) -> float:
        """Return nothing: nobody watches it here."""
        return 0.0

    def end(self) -> tuple[str, float]:
        """Kill it with its process group; return how it had ended before that; no CPU time is known."""
        kill_tree(self._process.pid)
        status = self._process.wait()
        self.channel.close()
        return describe_exit(status), 0.0


class ThreadedChannel:
    """A channel over two pipes that need not be fit for polling: a thread reads one message ahead."""

    def __init__(self, reader: IO[bytes], writer: IO[bytes]) -> None:
        self._reader, self._writer = reader, writer
        self._messages: SimpleQueue[bytes | Exception] = SimpleQueue()
        self._room = threading.Semaphore(1)
        self._thread = threading.Thread(target=self._read_ahead, daemon=True)
        self._thread.start()

    def _read_ahead(self) -> None:
        with self._reader:
            while True:
                self._room.acquire()
                try:
                    self._messages.put(wire.receive(self._reader.fileno()))
                except (wire.Closed, wire.Oversized) as error:
                    self._messages.put(error)
                    return

    def send(self, message: bytes) -> None:
        """See ``Channel``."""
        try:
            wire.send(self._writer.fileno(), message)
        except OSError:
            return  # the reader is gone: receiving tells

    def receive(self, timeout_s: float) -> bytes | None:
        """See ``Channel``."""
        try:
            found = self._messages.get(timeout=timeout_s)
        except Empty:
            return None
        if isinstance(found, Exception):
            raise found
        self._room.release()
        return found

    def close(self) -> None:
        """Let go of the pipes; the process at the other end has ended."""
        self._writer.close()
        self._room.release()
        self._thread.join(1)


def main(_: str) -> None:
    """Be a fresh interpreter that serves one candidate on what were its standard streams."""
    make_streams_binary()
    reader, writer = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    os.close(null)
    output = Output()
    output.take_over()
    child.serve(reader, writer, output)
