"""The worker's end of the fork server: starts the zygote and asks it for children."""

from __future__ import annotations

import array
import os
import socket

from . import zygote
from .ending import described
from .limits import Limits
from .scratch import Scratch
from .wire import PolledChannel


class ZygoteDied(Exception):
    """The fork server is gone, with its child; a new worker must take over."""


class ForkServer:
    """A zygote of this process."""

    def __init__(self, limits: Limits, scratch: Scratch) -> None:
        self._control, theirs = socket.socketpair()
        self._zygote = os.fork()
        if self._zygote == 0:
            self._control.close()
            _run_zygote(theirs, limits, scratch)
        theirs.close()

    def start(self) -> ForkedProcess:
        """Fork a child.

        Raises:
            ZygoteDied: there is none to ask.
        """
        ours, theirs = socket.socketpair()
        with theirs:
            ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [theirs.fileno()]))]
            try:
                self._control.sendmsg([b"R"], ancillary)
            except OSError:
                raise ZygoteDied from None
        return ForkedProcess(self, ours)

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
        """End the zygote."""
        self._control.close()
        os.waitpid(self._zygote, 0)


def _run_zygote(control: socket.socket, limits: Limits, scratch: Scratch) -> None:
    try:
        zygote.main(control, limits, scratch)
    finally:
        os._exit(0)


class ForkedProcess:
    """A child of the zygote; see ``remote.Process``."""

    def __init__(self, server: ForkServer, ours: socket.socket) -> None:
        self._server = server
        self.channel = PolledChannel(ours.detach())

    def confined(self, claimed_pid: int) -> int | None:
        """Return the process's number; it is taken from the message sent before untrusted code ran."""
        return claimed_pid

    def end(self) -> str:
        """Kill it with all its offspring; return how it had ended before that."""
        self.channel.close()
        return described(self._server.end_child())
