"""The start method of platforms without fork: a fresh interpreter for each candidate.

Of the layers there are: a process of its own, an empty environment, a scratch folder and a limit of wall
time; and, as everywhere, a test that does not run in the candidate's process.
"""

from __future__ import annotations

import os
import subprocess
import threading
from queue import Empty, SimpleQueue
from typing import IO

from ..isolation.confinement import LayerReport
from ..isolation.rlimits import ResourceLimits
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
        del settings
        self._scratch = Scratch(make_top())
        self.report: LayerReport = {"fork": "this platform has none"}

    def start(self, limits: ResourceLimits) -> FreshProcess:
        """See ``Launcher``."""
        # They cannot be imposed here.
        del limits
        self._scratch.discard()
        self._scratch.make()
        return FreshProcess()

    def companion_pids(self) -> list[int]:
        """Return none: no process outlives its candidate."""
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
        """See ``CandidateProcess``."""
        return self._process.pid

    def disk_mib(self) -> float:
        """Return 0: files are not bounded here."""
        return 0.0

    def end(self) -> tuple[str, float]:
        """See ``CandidateProcess``; the CPU time is unknown."""
        kill_tree(self._process.pid)
        status = self._process.wait()
        self.channel.close()
        return describe_exit(status), 0.0


class ThreadedChannel:
    """A channel over two pipes, for platforms that cannot poll them: a thread reads one message ahead."""

    def __init__(self, reader: IO[bytes], writer: IO[bytes]) -> None:
        self._reader, self._writer = reader, writer
        self._messages: SimpleQueue[bytes | Exception] = SimpleQueue()
        # One message at a time: a candidate that floods the pipe would otherwise fill this process's memory.
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
            # The reader is gone: receive reports it.
            return

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
        """Close the pipes; the process at the other end must have ended."""
        self._writer.close()
        self._room.release()
        self._thread.join(1)


def main(_: str) -> None:
    """Serve one candidate on this process's standard streams."""
    make_streams_binary()
    # The candidate's own standard streams must not be the channel: a print would be taken for an answer.
    reader, writer = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    os.close(null)
    output = Output()
    output.take_over()
    child.serve(reader, writer, output)
