"""The host's end of a worker process."""

from __future__ import annotations

import json
import os
import subprocess
import warnings
from collections.abc import Callable
from typing import NamedTuple

from pytest_humaneval.core.errors import SandboxError
from pytest_humaneval.core.records import Candidate, Outcome, Verdict
from pytest_humaneval.sandbox.connection import Connection, Lost
from pytest_humaneval.sandbox.runtime.isolation.settings import WorkerSettings
from pytest_humaneval.sandbox.runtime.processes.bootstrap import command, scrubbed_environment
from pytest_humaneval.sandbox.runtime.protocol import wire
from pytest_humaneval.sandbox.runtime.trusted.budget import MAX_WALL_FACTOR
from pytest_humaneval.sandbox.shell_limits import allowed

STARTING_S = 60.0
CLOSING_S = 5.0
"""For each of three ways to end a process: asking, SIGTERM and SIGKILL."""
ENDING_S = 1.0
"""For a process that has said its last to be gone."""
_LIMIT_FACTOR = 3


class WorkerDied(SandboxError):
    """A worker process ended in the middle of its work."""


class WorkerAnswer(NamedTuple):
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
        WorkerDied: it can, but something ended or stopped this one.
    """

    def __init__(self, settings: WorkerSettings) -> None:
        # The worker's own bound on the wall clock, twice for a check that is run inside, and then some.
        self._limit_s = STARTING_S + _LIMIT_FACTOR * MAX_WALL_FACTOR * settings.timeout_s
        try:
            self._process = subprocess.Popen(  # noqa: S603 -- our own command line
                command("trusted.worker", settings.dump()),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=scrubbed_environment(),
                bufsize=0,
                start_new_session=os.name == "posix",  # Ctrl-C is for the host, which ends its workers itself
            )
        except OSError as error:
            raise SandboxError(f"the sandbox's interpreter cannot be started: {error}{allowed()}") from error
        self._connection = Connection(self._process)
        try:
            self.layers: dict[str, str] = json.loads(self._connection.receive(STARTING_S))
        except Lost as loss:
            raise self._never_started(loss) from None

    @property
    def pid(self) -> int:
        """Its number."""
        return self._process.pid

    def judge(self, candidate: Candidate, on_idle: Callable[[], None] | None) -> WorkerAnswer:
        """Return the verdict.

        Args:
            candidate: to be judged.
            on_idle: called once if the candidate waits without using a core; None where it keeps it, and so
                may hold all the memory allowed.

        Raises:
            WorkerDied: there is none.
        """
        try:
            request = {**vars(candidate), "keeps_core": on_idle is None}
            self._connection.send(json.dumps(request).encode(), self._limit_s)
            while (answer := self._connection.receive(self._limit_s)) == wire.IDLE:
                if on_idle:
                    on_idle()
        except Lost as loss:
            self._process.kill()
            raise WorkerDied(str(loss)) from None
        found = json.loads(answer)
        doubtful = found.pop("doubtful")
        return WorkerAnswer(Verdict(**{**found, "outcome": Outcome(found["outcome"])}), doubtful)

    def stop(self) -> None:
        """End the process in the middle of its work; ``close`` is still to be called."""
        self._process.terminate()

    def leave(self) -> None:
        """Tell the process to end; ``close`` is still to be called."""
        self._connection.leave()

    def close(self) -> None:
        """End the process, which takes everything below it along; within three times ``CLOSING_S``.

        One that not even SIGKILL ends, in the middle of a system call, is left behind with a warning.
        """
        self.leave()
        for end in (self._process.terminate, self._process.kill):
            # A stopped process takes notice of nothing but SIGKILL.
            if not self._connection.is_stopped() and self._connection.ends_within(CLOSING_S):
                break
            end()
        else:
            if not self._connection.ends_within(CLOSING_S):
                warnings.warn(f"the sandbox's worker process {self.pid} cannot be ended", stacklevel=2)
        self._connection.close()

    def _never_started(self, loss: Lost) -> SandboxError:
        if not self._connection.ends_within(ENDING_S):
            self._process.kill()
        self.close()
        status = self._process.returncode
        if status is None or status < 0:  # something outside has stopped or killed it: another one may live
            return WorkerDied(str(loss))
        return SandboxError(f"the sandbox's worker ends at once, status {status}{allowed()}")
