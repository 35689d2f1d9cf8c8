"""The worker's end of the fork server: starts the zygote and asks it for children."""

from __future__ import annotations

import array
import json
import os
import signal
import socket
from collections.abc import Callable
from pathlib import Path

from . import jail, scratch, zygote
from .bootstrap import command, scrubbed_environment
from .confinement import Report
from .ending import described
from .settings import JAIL, Settings
from .wire import PolledChannel

Launch = Callable[[socket.socket, socket.socket, Settings, str, Path], int]

PATIENCE_S = 20.0  # far more than any answer takes, on the busiest machine


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

    def __init__(self, settings: Settings, launch: Launch) -> None:
        self.report: Report = {}
        for level in settings.levels():
            self._base = jail.SCRATCH if level == JAIL else scratch.make_base()
            self._control, theirs = socket.socketpair()
            with theirs:
                self._zygote = launch(self._control, theirs, settings, level, self._base)
            self._control.settimeout(PATIENCE_S)
            self.report.update(self._told())
            if level != JAIL or self.report.get("namespaces") == "":
                return
            self.close()

    def _told(self) -> Report:
        try:
            found: Report = json.loads(self._control.recv(1 << 16) or b"{}")
        except OSError:
            found = {}
        return found

    def start(self) -> ForkedProcess:
        """Fork a child.

        Raises:
            ZygoteDied: there is none to ask.
        """
        ours, theirs = socket.socketpair()
        # Before the child can say a word: the kernel tells the sender of what is sent from then on.
        process = ForkedProcess(self, ours)
        with theirs:
            ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [theirs.fileno()]))]
            try:
                self._control.sendmsg([b"R"], ancillary)
            except OSError:
                process.channel.close()
                raise ZygoteDied from None
        return process

    def end_child(self) -> int:
        """Kill the child with its offspring, and return its exit code, negative for a signal.

        Raises:
            ZygoteDied: nobody answers.
        """
        try:
            self._control.send(b"E")
            answer = self._control.recv(zygote.STATUS.size)
        except OSError:
            answer = b""
        if len(answer) != zygote.STATUS.size:
            raise ZygoteDied
        (status,) = zygote.STATUS.unpack(answer)
        return int(status)

    def close(self) -> None:
        """End the zygote, and remove the scratch folder."""
        self._control.close()
        os.kill(self._zygote, signal.SIGKILL)  # it may have been stopped; all below it die with it
        os.waitpid(self._zygote, 0)
        if self._base != jail.SCRATCH:
            scratch.remove(self._base)


def fork_zygote(
    ours: socket.socket, theirs: socket.socket, settings: Settings, level: str, base: Path
) -> int:
    """Start a zygote as a copy of this process; return its number."""
    zygote_pid = os.fork()
    if zygote_pid == 0:
        try:
            ours.close()
            zygote.run(theirs, settings, level, base)
        finally:
            os._exit(0)
    return zygote_pid


def exec_zygote(_: socket.socket, theirs: socket.socket, settings: Settings, level: str, base: Path) -> int:
    """Start a zygote as a fresh interpreter; return its number."""
    argument = json.dumps([settings.dump(), level, str(base), theirs.fileno()])
    line, environment = command("zygote", argument), scrubbed_environment()
    theirs.set_inheritable(True)
    return os.posix_spawn(line[0], line, environment)


class ForkedProcess:
    """A child of the zygote; see ``remote.Process``."""

    def __init__(self, server: ForkServer, ours: socket.socket) -> None:
        self._server = server
        self.channel = PolledChannel(ours)

    def confined(self, claimed_pid: int) -> int | None:
        """Return the process's number as the kernel told it with the first message, or as claimed there."""
        return self.channel.sender_pid or claimed_pid

    def end(self) -> str:
        """Kill it with all its offspring; return how it had ended before that."""
        self.channel.close()
        return described(self._server.end_child())
