"""The worker's end of the fork server: the process ids that it reports."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

if sys.platform == "win32":
    pytest.skip("there is no fork server", allow_module_level=True)

from pytest_humaneval.sandbox.runtime.isolation.rlimits import ResourceLimits
from pytest_humaneval.sandbox.runtime.isolation.settings import OPEN, WorkerSettings
from pytest_humaneval.sandbox.runtime.processes.forkserver import ForkServer, exec_zygote
from pytest_humaneval.sandbox.runtime.processes.process_tree import children_of
from pytest_humaneval.sandbox.runtime.protocol.codec import loads, pack

FORKS = "import os, time\ndef f():\n    if os.fork() == 0: time.sleep(600)\n    return os.getpid()\n"


@pytest.fixture(params=["auto", OPEN])
def server(request: pytest.FixtureRequest) -> Iterator[ForkServer]:
    """A fork server, with namespaces and without."""
    opened = ForkServer(WorkerSettings("fork", request.param, [], 5.0, 512, []), exec_zygote)
    yield opened
    opened.close()


def test_the_process_id_is_the_child_s_whatever_it_starts(server: ForkServer) -> None:
    """Else another process's time and memory would be measured; the second round has a new child."""
    for _ in range(2):
        process = server.start(ResourceLimits(5.0, 512))
        process.channel.send(pack("load", FORKS, "f"))
        process.channel.send(pack("call", [], {}))
        answers = [loads(process.channel.receive(60) or b"") for _ in range(2)]
        pid = process.pid()

        assert answers[0] == ["loaded"]
        assert pid is not None
        assert len(children_of(pid)) == 1
        assert server.report.get("namespaces") == "" or answers[1][1] == pid
        process.end()
