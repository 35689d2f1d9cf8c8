"""Start a worker process, exchange candidates and verdicts with it, and end it."""

from __future__ import annotations

import json
import marshal
import os
import subprocess
import warnings
from collections.abc import Callable
from typing import NamedTuple

from pytest_humaneval.core.calls import CallResult
from pytest_humaneval.core.errors import SandboxError
from pytest_humaneval.core.records import Candidate, Outcome, Verdict
from pytest_humaneval.core.user_cache import user_cache
from pytest_humaneval.sandbox.connection import Connection, ConnectionLost
from pytest_humaneval.sandbox.runtime.isolation.settings import WorkerSettings
from pytest_humaneval.sandbox.runtime.processes.bootstrap import command, scrubbed_environment
from pytest_humaneval.sandbox.runtime.protocol import wire
from pytest_humaneval.sandbox.runtime.trusted.budget import MAX_WALL_FACTOR
from pytest_humaneval.sandbox.shell_limits import describe_tight_limits

START_TIMEOUT_S = 60.0
# For each of the three steps of ending a process: closing its input, SIGTERM and SIGKILL.
END_TIMEOUT_S = 5.0
# For a process that has closed its output to become a zombie.
REAP_TIMEOUT_S = 1.0
# Twice the worker's own bound, for a test that has to run a second time, inside the candidate's process; and
# as much again for everything else.
_TIMEOUT_FACTOR = 3
# The most that the worker allows the reference, and all cases of a problem.
_REFERENCE_S, _CASES_S = 120.0, 61.0


class WorkerDied(SandboxError):
    """A worker process ended, was stopped or did not answer in the middle of its work."""


class WorkerAnswer(NamedTuple):
    """A verdict, and whether the candidate has to be judged again.

    Attributes:
        verdict: the worker's.
        doubtful: a busy machine may have caused a timeout, or sharing the memory a lack of it; see
            ``Watchdog.is_doubtful``.
    """

    verdict: Verdict
    doubtful: bool


class WorkerProcess:
    """One worker process, used by one thread at a time.

    Attributes:
        layers: why a layer of isolation is missing, under its name; empty for one that is in use.

    Raises:
        SandboxError: it cannot be started.
        WorkerDied: it can, but something ended or stopped this one.
    """

    def __init__(self, settings: WorkerSettings) -> None:
        self._timeout_s = START_TIMEOUT_S + _TIMEOUT_FACTOR * MAX_WALL_FACTOR * settings.timeout_s
        cases_s = _REFERENCE_S + (settings.cases_timeout_s or _CASES_S)
        self._cases_timeout_s = START_TIMEOUT_S + _TIMEOUT_FACTOR * MAX_WALL_FACTOR * cases_s
        try:
            self._process = subprocess.Popen(  # noqa: S603 -- our own command line
                command("trusted.worker", settings.dump()),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=scrubbed_environment(),
                bufsize=0,
                # Ctrl-C goes to the terminal's whole process group, and pytest ends its workers itself.
                start_new_session=os.name == "posix",
            )
        except OSError as error:
            raise SandboxError(
                f"the sandbox's interpreter cannot be started: {error}{describe_tight_limits()}"
            ) from error
        self._connection = Connection(self._process)
        try:
            self.layers: dict[str, str] = json.loads(self._connection.receive(START_TIMEOUT_S))
        except ConnectionLost as loss:
            raise self._never_started(loss) from None

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._process.pid

    def judge(self, candidate: Candidate, on_idle: Callable[[], None] | None) -> WorkerAnswer:
        """Return the verdict.

        Args:
            candidate: to be judged.
            on_idle: called once if the candidate waits without using a core, which another one may then use;
                None if the candidate keeps its core, and so may use all of the memory limit.

        Raises:
            WorkerDied: there is no verdict.
        """
        try:
            timeout_s = self._send(candidate, keeps_core=on_idle is None)
            while (answer := self._connection.receive(timeout_s)) == wire.IDLE:
                if on_idle:
                    on_idle()
        except ConnectionLost as loss:
            self._process.kill()
            raise WorkerDied(str(loss)) from None
        found = json.loads(answer)
        doubtful = found.pop("doubtful")
        outcomes = {name: Outcome(found[name]) for name in ("outcome", "base_outcome") if found[name]}
        calls = tuple(CallResult(*call) for call in found["calls"])
        return WorkerAnswer(Verdict(**{**found, **outcomes, "calls": calls}), doubtful)

    def _send(self, candidate: Candidate, *, keeps_core: bool) -> float:
        """Send a candidate; return how long its verdict may take, in seconds."""
        request = {**vars(candidate), "keeps_core": keeps_core}
        if calls := candidate.calls:
            self._connection.send(json.dumps({**request, "calls": True}).encode(), self._timeout_s)
            self._connection.send(marshal.dumps((calls.arguments, calls.expected)), self._timeout_s)
            return self._timeout_s
        if candidate.cases is None:
            self._connection.send(json.dumps(request).encode(), self._timeout_s)
            return self._cases_timeout_s if candidate.least_timeout_s else self._timeout_s
        cases = candidate.cases
        request |= {"cases": True, "references": str(user_cache("references"))}
        fields = cases.reference, cases.base, cases.plus, cases.atol, cases.rule
        self._connection.send(json.dumps(request).encode(), self._timeout_s)
        self._connection.send(marshal.dumps(fields), self._timeout_s)
        return self._cases_timeout_s

    def stop(self) -> None:
        """Send SIGTERM, which ends the worker at once; ``close`` must follow."""
        self._process.terminate()

    def request_end(self) -> None:
        """Close the worker's input, which ends it after its present candidate; ``close`` must follow."""
        self._connection.close_input()

    def abandon(self) -> None:
        """Release the descriptors that a forked process has inherited; the worker stays its parent's."""
        self._connection.close()
        # To Popen it has ended: it would warn of a process that still runs.
        self._process.returncode = 0

    def close(self) -> None:
        """End the process, and with it all its descendants, within three times ``END_TIMEOUT_S``.

        Warns of a process that survives SIGKILL, as one in an uninterruptible system call does.
        """
        self.request_end()
        for end in (self._process.terminate, self._process.kill):
            # A stopped process handles neither the end of its input nor SIGTERM, so it is not waited for.
            if not self._connection.is_stopped() and self._connection.ends_within(END_TIMEOUT_S):
                break
            end()
        else:
            if not self._connection.ends_within(END_TIMEOUT_S):
                warnings.warn(f"the sandbox's worker process {self.pid} cannot be ended", stacklevel=2)
        self._connection.close()

    def _never_started(self, loss: ConnectionLost) -> SandboxError:
        if not self._connection.ends_within(REAP_TIMEOUT_S):
            self._process.kill()
        self.close()
        status = self._process.returncode
        # Stopped, or killed by a signal, it was something outside: another worker may start.
        if status is None or status < 0:
            return WorkerDied(str(loss))
        return SandboxError(f"the sandbox's worker ends at once, status {status}{describe_tight_limits()}")
