"""The one-shot start method where processes can be forked: a fresh fork server for each candidate.

Slower than keeping one, with the same layers; nothing of an earlier candidate can possibly be left.
"""

from __future__ import annotations

from ..isolation.confinement import LayerReport
from ..isolation.rlimits import ResourceLimits
from ..isolation.settings import WorkerSettings
from ..protocol.wire import Channel
from .forkserver import ForkedProcess, ForkServer, exec_zygote


class FreshForkServers:
    """Starts a fork server for each candidate.

    Attributes:
        report: the layers, see ``Confinement``.
    """

    def __init__(self, settings: WorkerSettings) -> None:
        self._settings = settings
        # Started ahead of the first candidate, for its report of layers.
        self._next: ForkServer | None = ForkServer(settings, exec_zygote)
        self._current: OneShotProcess | None = None
        self.report: LayerReport = self._next.report

    def start(self, limits: ResourceLimits) -> OneShotProcess:
        """See ``Launcher``."""
        server = self._next or ForkServer(self._settings, exec_zygote)
        self._next = None
        self._current = OneShotProcess(server, server.start(limits))
        return self._current

    def companion_pids(self) -> list[int]:
        """Return none: no process outlives its candidate."""
        return []

    def close(self) -> None:
        """End the fork server that was started ahead, or the one that still runs."""
        if self._next:
            self._next.close()
        if self._current:
            self._current.close()


class OneShotProcess:
    """A candidate's process and the fork server it came from; see ``watchdog.CandidateProcess``."""

    def __init__(self, server: ForkServer, process: ForkedProcess) -> None:
        self._server = server
        self._process = process
        self._closed = False

    @property
    def channel(self) -> Channel:
        """See ``CandidateProcess``."""
        return self._process.channel

    def pid(self) -> int | None:
        """See ``CandidateProcess``."""
        return self._process.pid()

    def disk_mib(self) -> float:
        """See ``CandidateProcess``."""
        return self._process.disk_mib()

    def end(self) -> tuple[str, float]:
        """See ``CandidateProcess``; also ends the fork server."""
        try:
            return self._process.end()
        finally:
            self.close()

    def close(self) -> None:
        """End the fork server and its descendants; harmless when repeated."""
        if not self._closed:
            self._closed = True
            self._server.close()
