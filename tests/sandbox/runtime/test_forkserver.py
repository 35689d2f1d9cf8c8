"""The worker's end of the fork server, with a zygote that does nothing by itself."""

from __future__ import annotations

import os
import select
import shutil
import socket
import sys

import pytest

if sys.platform == "win32":
    pytest.skip("there is no fork server", allow_module_level=True)

from pytest_humaneval.sandbox.runtime import forkserver
from pytest_humaneval.sandbox.runtime.settings import OPEN, Settings
from pytest_humaneval.sandbox.runtime.wire import PolledChannel


def test_the_kernel_is_asked_for_a_child_s_number_before_there_is_a_child(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It tells only of what is sent afterwards; a number missed is another process's time and memory."""
    zygote: list[socket.socket] = []
    already_asked: list[bool] = []

    def launch(_: socket.socket, theirs: socket.socket, *__: object) -> int:
        zygote.append(theirs.dup())
        zygote[0].send(b"{}")
        sleep = shutil.which("sleep")
        assert sleep
        return os.posix_spawn(sleep, [sleep, "600"], {})

    def listening(connection: socket.socket) -> PolledChannel:
        already_asked.append(bool(select.select(zygote, [], [], 0)[0]))
        return PolledChannel(connection)

    monkeypatch.setattr(forkserver, "PolledChannel", listening)
    server = forkserver.ForkServer(Settings("fork", OPEN, [], 1.0, 512, []), launch)
    try:
        server.start().channel.close()
        assert select.select(zygote, [], [], 0)[0]  # the child was asked for
        assert already_asked == [False]
    finally:
        server.close()
        zygote[0].close()
