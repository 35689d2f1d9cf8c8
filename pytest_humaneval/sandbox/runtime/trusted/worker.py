"""A worker process: takes candidates from the host on standard input and answers with verdicts.

    out   an object: the report of layers, once        (see ``Confinement``)
    in    an object with the fields of ``Candidate``   any number of times
          and "keeps_core", whether it is to keep its core while it waits
    out   an empty message                             once the candidate waits without using a core
    out   an object with the fields of ``JudgeResult``      for each

It ends when its input does, and takes everything below it along.
"""

from __future__ import annotations

import json
import os
import signal
from typing import Protocol

from ..isolation.confinement import LayerReport
from ..isolation.settings import WorkerSettings
from ..processes.bootstrap import make_streams_binary
from ..processes.pinning import Pinning
from ..protocol import wire
from .watchdog import CandidateProcess

MAX_REQUEST = 1 << 28


class Launcher(Protocol):
    """Gives confined processes, one after the other."""

    report: LayerReport

    def start(self) -> CandidateProcess:
        """Start one; the one before has been ended."""
        ...

    def companion_pids(self) -> list[int]:
        """Return the numbers of lasting processes that take turns with this one."""
        ...

    def close(self) -> None:
        """End whatever makes them."""
        ...


def main(argument: str) -> None:
    """Serve until standard input ends.

    Args:
        argument: dumped ``WorkerSettings``.
    """
    make_streams_binary()
    settings = WorkerSettings.load(argument)
    launcher = _launcher(settings)
    verdicts = os.dup(1)
    os.dup2(2, 1)  # what a test prints is no verdict
    if os.name == "posix":
        signal.signal(signal.SIGTERM, lambda *_: _leave(launcher))
    try:
        wire.send(verdicts, json.dumps(launcher.report).encode())
        _serve(launcher, settings, verdicts)
    finally:
        launcher.close()


def _launcher(settings: WorkerSettings) -> Launcher:
    if not hasattr(os, "fork"):
        from ..processes.interpreter import FreshInterpreters

        return FreshInterpreters(settings)
    from ..processes.forkserver import ForkServer, fork_zygote  # only where fork exists

    if settings.start_method == "fork":
        return ForkServer(settings, fork_zygote)
    from ..processes.oneshot import FreshForkServers

    return FreshForkServers(settings)


def _serve(launcher: Launcher, settings: WorkerSettings, verdicts: int) -> None:
    from .judge import Judge  # after the zygote was forked, which has no use for it

    judge = Judge(settings, launcher.start, lambda: wire.send(verdicts, wire.IDLE))
    pinning = Pinning(launcher.companion_pids())
    while True:
        try:
            request = json.loads(wire.receive(0, MAX_REQUEST))
        except wire.Closed:
            return
        pinning.next_turn()
        result = judge.judge(request)
        wire.send(verdicts, json.dumps(result._asdict()).encode())


def _leave(launcher: Launcher) -> None:
    """End at once, whatever goes on; an exception would only end the check that is running."""
    launcher.close()
    os._exit(1)
