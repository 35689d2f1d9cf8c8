"""The worker's end of the fork server: starts the zygote and asks it for children."""

from __future__ import annotations

import _socket as socket  # see ``wire``
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from ..isolation import namespaces, scratch
from ..isolation.confinement import LayerReport
from ..isolation.settings import NAMESPACES, WorkerSettings
from ..protocol.wire import SocketChannel
from . import usage, zygote
from .bootstrap import command, scrubbed_environment
from .process_tree import children_of, describe_exit

Launch = Callable[[socket.socket, socket.socket, WorkerSettings, str, Path], int]

ANSWER_TIMEOUT_S = 20.0  # far more than any answer takes, on the busiest machine


class ZygoteDied(Exception):
    """The fork server is gone, with its child; a new worker must take over."""


class ForkServer:
    """A zygote of this process, confined as well as the platform allows.

    Args:
        settings: what the host wants.
        launch: starts the zygote's process, see ``fork_zygote`` and ``exec_zygote``.

    Attributes:
        report: the layers, see ``Confinement``.

    Raises:
        ZygoteDied: it cannot be started.
    """

    def __init__(self, settings: WorkerSettings, launch: Launch) -> None:
        self.report: LayerReport = {}
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

    def start(self) -> ForkedProcess:
        """Fork a child.

        Raises:
            ZygoteDied: there is none to ask.
        """
        ours, theirs = socket.socketpair()
        descriptor = theirs.fileno().to_bytes(4, sys.byteorder)
        try:
            self._control.sendmsg([b"R"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, descriptor)])
        except OSError:
            raise ZygoteDied from None
        finally:
            theirs.close()
        return ForkedProcess(self, ours)

    def companion_pids(self) -> list[int]:
        """Return the number of the process that forks, and then of the mounter if it is in a jail.

        None where the platform does not tell.
        """
        within = self._top == namespaces.TOP
        return [*children_of(self._zygote)[:1], self._zygote] if within else [self._zygote]

    def child_pid(self) -> int | None:
        """Return the child's number; None where the platform does not tell."""
        children = [child for pid in self.companion_pids()[:1] for child in children_of(pid)]
        return children[0] if children else None  # the eldest: others are orphans

    def disk_mib(self) -> float:
        """Return the space that the child's files take; 0 where its file system is bounded itself."""
        return 0.0 if self._top == namespaces.TOP else usage.disk_mib(self._top)

    def end_child(self) -> tuple[int, float]:
        """Kill the child with its offspring.

        Returns:
            Its exit code, negative for a signal, and the CPU seconds of all.

        Raises:
            ZygoteDied: nobody answers, or the child could not be confined.
        """
        try:
            self._control.send(b"E")
            answer = self._control.recv(zygote.STATUS.size)
        except OSError:
            answer = b""
        if len(answer) != zygote.STATUS.size:
            raise ZygoteDied
        status, cpu_s = zygote.STATUS.unpack(answer)
        return int(status), float(cpu_s)

    def close(self) -> None:
        """End the zygote, and remove the scratch folder."""
        self._control.close()
        os.kill(self._zygote, signal.SIGKILL)  # it may have been stopped; all below it die with it
        os.waitpid(self._zygote, 0)
        if self._top != namespaces.TOP:
            scratch.remove(self._top)


def fork_zygote(
    ours: socket.socket, theirs: socket.socket, settings: WorkerSettings, level: str, top: Path
) -> int:
    """Start a zygote as a copy of this process; return its number."""
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
    """Start a zygote as a fresh interpreter; return its number."""
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
        """Return its number; None where the platform does not tell."""
        return self._server.child_pid()

    def disk_mib(self) -> float:
        """Return the space that its files take, where nothing else bounds it."""
        return self._server.disk_mib()

    def end(self) -> tuple[str, float]:
        """Kill it with all its offspring; return how it had ended before that, and all their CPU seconds."""
        self.channel.close()
        status, cpu_s = self._server.end_child()
        return describe_exit(status), cpu_s
