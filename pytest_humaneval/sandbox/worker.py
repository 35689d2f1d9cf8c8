"""The host's end of a worker process."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from collections.abc import Callable
from dataclasses import dataclass

from pytest_humaneval.core.errors import SandboxError
from pytest_humaneval.core.records import Candidate, Outcome, Verdict
from pytest_humaneval.sandbox.runtime import wire
from pytest_humaneval.sandbox.runtime.bootstrap import command, scrubbed_environment
from pytest_humaneval.sandbox.runtime.settings import Settings

CLOSING_S = 5.0


class WorkerDied(SandboxError):
    """A worker process ended in the middle of its work."""


@dataclass(frozen=True)
class Answer:
    """A verdict, and whether a busy machine may have made it.

    Attributes:
        verdict: what the worker saw.
        doubtful: it is a timeout by the wall clock that may have come of waiting for a core.
    """

    verdict: Verdict
    doubtful: bool


class Worker:
    """One worker process, used by one thread at a time.

    Attributes:
        layers: why a layer of isolation is missing, under its name; empty for one that is in use.

    Raises:
        SandboxError: it cannot be started.
    """

    def __init__(self, settings: Settings) -> None:
        try:
            self._process = subprocess.Popen(  # noqa: S603 -- our own command line
                command("worker", settings.dump()),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=scrubbed_environment(),
                bufsize=0,
                start_new_session=os.name == "posix",  # Ctrl-C is for the host, which ends its workers itself
            )
        except OSError as error:
            raise SandboxError(f"the sandbox's interpreter cannot be started: {error}") from error
        reader, writer = self._process.stdout, self._process.stdin
        assert reader is not None and writer is not None  # noqa: S101, PT018 -- both were asked for
        self._requests, self._answers = writer, reader
        try:
            self.layers: dict[str, str] = json.loads(wire.receive(reader.fileno()))
        except wire.Closed:
            self.close()
            status = self._process.returncode
            kind = WorkerDied if status < 0 else SandboxError  # killed by somebody: another one may live
            raise kind(f"the sandbox's worker ends at once, status {status}") from None

    @property
    def pid(self) -> int:
        """Its number."""
        return self._process.pid

    def judge(self, candidate: Candidate, on_idle: Callable[[], None]) -> Answer:
        """Return the verdict.

        Args:
            candidate: to be judged.
            on_idle: called once if the candidate waits without using a core.

        Raises:
            WorkerDied: there is none.
        """
        try:
            wire.send(self._requests.fileno(), json.dumps(vars(candidate)).encode())
            while (answer := wire.receive(self._answers.fileno())) == wire.IDLE:
                on_idle()
        except (wire.Closed, OSError, ValueError):  # the last, where another thread closed it
            raise WorkerDied from None
        found = json.loads(answer)
        doubtful = found.pop("doubtful")
        return Answer(Verdict(**{**found, "outcome": Outcome(found["outcome"])}), doubtful)

    def stop(self) -> None:
        """End the process in the middle of its work; ``close`` is still to be called."""
        self._process.terminate()

    def leave(self) -> None:
        """Tell the process to end; ``close`` is still to be called."""
        self._requests.close()

    def close(self) -> None:
        """End the process; it takes everything below it along."""
        self.leave()
        ended = threading.Event()
        threading.Thread(target=self._insist, args=(ended,), daemon=True).start()
        self._process.wait()  # without a limit, for Python waits for one in steps of up to 50 ms
        ended.set()
        self._answers.close()

    def _insist(self, ended: threading.Event) -> None:
        for end in (self._process.terminate, self._process.kill):
            if ended.wait(CLOSING_S):
                return
            end()
