"""The worker's end of the fork server: start a zygote, and have it fork a child for each candidate."""

from __future__ import annotations

# Not ``socket``, see ``wire``.
import _socket as socket
import contextlib
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from ..isolation import namespaces, scratch
from ..isolation.confinement import LayerReport
from ..isolation.rlimits import ResourceLimits
from ..isolation.settings import NAMESPACES, WorkerSettings
from ..protocol.wire import SocketChannel
from . import usage, zygote
from .bootstrap import command, scrubbed_environment
from .process_tree import children_of, describe_exit

Launch = Callable[[socket.socket, socket.socket, WorkerSettings, str, Path], int]

# Far more than any answer takes on the busiest machine.
ANSWER_TIMEOUT_S = 20.0
# Less than the host waits for a worker to end.
CLEAN_UP_TIMEOUT_S = 2.0


class ZygoteDied(Exception):
    """The fork server has ended or does not answer; its child is lost, and this worker can judge no more."""


class ForkServer:
    """A zygote of this process, confined as well as the platform allows.

    Args:
        settings: the worker's.
        launch: starts the zygote's process: ``fork_zygote`` or ``exec_zygote``.

    Attributes:
        report: the layers, see ``Confinement``.

    Raises:
        ZygoteDied: it cannot be started.
    """

    def __init__(self, settings: WorkerSettings, launch: Launch) -> None:
        self.report: LayerReport = {}
        self._has_child = False
        # Whether namespaces are allowed shows only when they are made, and a process that failed in the
        # middle of that is of no use: the next level starts a new one.
        for level in settings.levels():
            self._top = namespaces.TOP if level == NAMESPACES else scratch.make_top()
            self._control, theirs = socket.socketpair()
            self._zygote = launch(self._control, theirs, settings, level, self._top)
            theirs.close()
            self._control.settimeout(ANSWER_TIMEOUT_S)
            self.report.update(self._receive_report())
            if level != NAMESPACES or self.report.get("namespaces") == "":
                return
            self.close()

    def _receive_report(self) -> LayerReport:
        try:
            found: LayerReport = json.loads(self._control.recv(1 << 16) or b"{}")
        except OSError:
            found = {}
        return found

    def start(self, limits: ResourceLimits) -> ForkedProcess:
        """Have a child forked, within limits.

        Raises:
            ZygoteDied: the zygote is gone.
        """
        ours, theirs = socket.socketpair()
        descriptor = theirs.fileno().to_bytes(4, sys.byteorder)
        try:
            self._control.sendmsg(
                [zygote.COMMAND.pack(b"R", *limits)], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, descriptor)]
            )
        except OSError:
            raise ZygoteDied from None
        finally:
            theirs.close()
        self._has_child = True
        return ForkedProcess(self, ours)

    def companion_pids(self) -> list[int]:
        """Return the process ids of the zygote and, with namespaces, of the mounter after it.

        Without /proc the zygote's is missing.
        """
        # With namespaces, the process that was started becomes the mounter, and its first child the zygote.
        within = self._top == namespaces.TOP
        return [*children_of(self._zygote)[:1], self._zygote] if within else [self._zygote]

    def child_pid(self) -> int | None:
        """Return the child's process id as this process sees it; None where the platform has no /proc."""
        children = [child for pid in self.companion_pids()[:1] for child in children_of(pid)]
        # The eldest: the others are orphans of the candidate, which its zygote has adopted.
        return children[0] if children else None

    def disk_mib(self) -> float:
        """Return the MiB that the child's files take; 0 with namespaces, where its file system has a size."""
        return 0.0 if self._top == namespaces.TOP else usage.disk_mib(self._top)

    def end_child(self) -> tuple[int, float]:
        """Kill the child and its descendants.

        Returns:
            The child's exit code, negative for a signal, and the CPU seconds of all these processes.

        Raises:
            ZygoteDied: the zygote does not answer, or the child could not be confined.
        """
        try:
            self._control.send(zygote.COMMAND.pack(b"E", 0.0, 0))
            answer = self._control.recv(zygote.STATUS.size)
        except OSError:
            answer = b""
        # UNCONFINED, a single byte, is no status either.
        if len(answer) != zygote.STATUS.size:
            raise ZygoteDied
        self._has_child = False
        status, cpu_s = zygote.STATUS.unpack(answer)
        return int(status), float(cpu_s)

    def close(self) -> None:
        """End the zygote and its descendants, and remove the scratch folder."""
        # With namespaces all processes in them are killed with the first one. Without, only the zygote can
        # find the orphans of a candidate that still runs.
        if self._has_child and self._top != namespaces.TOP:
            self._await_clean_up()
        self._control.close()
        os.kill(self._zygote, signal.SIGKILL)
        os.waitpid(self._zygote, 0)
        if self._top != namespaces.TOP:
            scratch.remove(self._top)

    def _await_clean_up(self) -> None:
        """Have the zygote end the child and wait until it has exited, unless it was stopped."""
        self._control.settimeout(CLEAN_UP_TIMEOUT_S)
        with contextlib.suppress(OSError):
            self._control.shutdown(socket.SHUT_WR)
            # What it still answers is of no use; its end of the socket closes when it exits.
            while self._control.recv(1 << 10):
                pass


def fork_zygote(
    ours: socket.socket, theirs: socket.socket, settings: WorkerSettings, level: str, top: Path
) -> int:
    """Start a zygote as a copy of this process; return its process id."""
    zygote_pid = os.fork()
    if zygote_pid == 0:
        try:
            ours.close()
            zygote.run(theirs, settings, level, top)
        finally:
            os._exit(0)
    return zygote_pid


def exec_zygote(
    _: socket.socket, theirs: socket.socket, settings: WorkerSettings, level: str, top: Path
) -> int:
    """Start a zygote as a fresh interpreter; return its process id."""
    argument = json.dumps([settings.dump(), level, str(top), theirs.fileno()])
    line, environment = command("processes.zygote", argument), scrubbed_environment()
    os.set_inheritable(theirs.fileno(), True)
    return os.posix_spawn(line[0], line, environment)


class ForkedProcess:
    """A child of the zygote; see ``watchdog.CandidateProcess``."""

    def __init__(self, server: ForkServer, ours: socket.socket) -> None:
        self._server = server
        self.channel = SocketChannel(ours)

    def pid(self) -> int | None:
        """See ``CandidateProcess``."""
        return self._server.child_pid()

    def disk_mib(self) -> float:
        """See ``CandidateProcess``."""
        return self._server.disk_mib()

    def end(self) -> tuple[str, float]:
        """See ``CandidateProcess``."""
        # Killed first: a child that sees its channel close would run on to its end, and copy memory for it.
        try:
            status, cpu_s = self._server.end_child()
        finally:
            self.channel.close()
        return describe_exit(status), cpu_s
