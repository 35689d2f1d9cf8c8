"""The worker process: reads candidates from standard input and answers with verdicts on standard output.

    out   an object: the layers of isolation, once     (see ``Confinement.report``)
    in    an object with the fields of ``Candidate``   any number of times
          and "keeps_core": it keeps its core while it waits;
          where "cases" or "calls" is true, a message follows: its fields as ``marshal`` data
    out   an empty message                             once the candidate waits without using a core
    out   an object with the fields of ``JudgeResult``      for each

It ends when its input does, and ends all its descendants.
"""

from __future__ import annotations

import json
import marshal
import os
import signal
from typing import Protocol

from ..isolation.confinement import LayerReport
from ..isolation.rlimits import ResourceLimits
from ..isolation.settings import WorkerSettings
from ..processes.bootstrap import make_streams_binary
from ..processes.pinning import Pinning
from ..protocol import wire
from .watchdog import CandidateProcess

MAX_REQUEST = 1 << 28


class Launcher(Protocol):
    """Starts confined processes, one after the other."""

    report: LayerReport

    def start(self, limits: ResourceLimits) -> CandidateProcess:
        """Start a process within limits; the one before must have been ended."""
        ...

    def companion_pids(self) -> list[int]:
        """Return the process ids of long-lived processes that take turns with this one."""
        ...

    def close(self) -> None:
        """End all processes that it has started."""
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
    # What a test prints must not end up among the verdicts.
    os.dup2(2, 1)
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
    # Imported here, for it fails where there is no fork.
    from ..processes.forkserver import ForkServer, fork_zygote

    if settings.start_method == "fork":
        return ForkServer(settings, fork_zygote)
    from ..processes.oneshot import FreshForkServers

    return FreshForkServers(settings)


def _serve(launcher: Launcher, settings: WorkerSettings, verdicts: int) -> None:
    # Imported after the zygote was forked: each page that it has is one more for every candidate's fork.
    from .judge import Judge

    judge = Judge(settings, launcher.start, lambda: wire.send(verdicts, wire.IDLE))
    pinning = Pinning(launcher.companion_pids())
    while True:
        try:
            request = json.loads(wire.receive(0, MAX_REQUEST))
            for name in ("cases", "calls"):
                if request.get(name):
                    request[name] = marshal.loads(wire.receive(0, MAX_REQUEST))  # noqa: S302 -- the host's
        except wire.Closed:
            return
        pinning.next_turn()
        result = judge.judge(request)
        wire.send(verdicts, json.dumps(result._asdict()).encode())


def _leave(launcher: Launcher) -> None:
    """End at once. An exception would only end the test that is running, and be taken for its failure."""
    launcher.close()
    os._exit(1)
