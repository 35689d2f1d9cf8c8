"""A sandbox of several worker processes, each of which judges one candidate at a time."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from dataclasses import asdict

from pytest_humaneval.core.errors import SandboxError
from pytest_humaneval.core.records import Candidate, Outcome, Verdict
from pytest_humaneval.sandbox.runtime import wire
from pytest_humaneval.sandbox.runtime.bootstrap import command, scrubbed_environment
from pytest_humaneval.sandbox.runtime.settings import Settings


class WorkerDied(Exception):
    """A worker process ended in the middle of its work."""


class Worker:
    """The host's end of one worker process, used by one thread at a time.

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
        self._requests, self._verdicts = writer, reader
        try:
            self.layers: dict[str, str] = json.loads(wire.receive(reader.fileno()))
        except wire.Closed:
            self.close()
            raise SandboxError(
                f"the sandbox's worker ends at once, status {self._process.returncode}"
            ) from None

    def judge(self, candidate: Candidate) -> Verdict:
        """Return the verdict.

        Raises:
            WorkerDied: there is none.
        """
        try:
            wire.send(self._requests.fileno(), json.dumps(asdict(candidate)).encode())
            answer = wire.receive(self._verdicts.fileno())
        except (wire.Closed, OSError):
            raise WorkerDied from None
        outcome, message, seconds = json.loads(answer)
        return Verdict(Outcome(outcome), message, seconds)

    def close(self) -> None:
        """End the process; it takes everything below it along."""
        self._requests.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._verdicts.close()


class PooledSandbox:
    """Judges candidates in worker processes, which are started when they are first needed.

    Args:
        settings: how a worker runs its candidates.
        jobs: how many candidates run at once.
    """

    def __init__(self, settings: Settings, jobs: int) -> None:
        self._settings = settings
        self._places = threading.BoundedSemaphore(jobs)
        self._idle: list[Worker] = []
        self._closed = False

    def run(self, candidate: Candidate) -> Verdict:
        """Return the verdict; see ``Sandbox``.

        Raises:
            SandboxError: no process can be started, or the sandbox was closed.
        """
        with self._places:
            for _ in range(2):  # a worker that dies costs a retry
                worker = self._take()
                try:
                    verdict = worker.judge(candidate)
                except WorkerDied:
                    worker.close()
                    continue
                except BaseException:
                    worker.close()
                    raise
                self._give(worker)
                return verdict
        return Verdict(Outcome.INFRA_ERROR, "the sandbox's worker process died twice")

    def layers(self) -> dict[str, str]:
        """Return the layers of isolation: why one is missing, under its name; empty where it is in use.

        Raises:
            SandboxError: no process can be started, or the sandbox was closed.
        """
        with self._places:
            worker = self._take()
            self._give(worker)
        return worker.layers

    def _take(self) -> Worker:
        if self._closed:
            raise SandboxError("the sandbox is closed")
        try:
            return self._idle.pop()
        except IndexError:
            return Worker(self._settings)

    def _give(self, worker: Worker) -> None:
        self._idle.append(worker)
        if self._closed:
            self.close()

    def close(self) -> None:
        """End every process and remove every file."""
        self._closed = True
        while self._idle:
            self._idle.pop().close()

    def __enter__(self) -> PooledSandbox:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
