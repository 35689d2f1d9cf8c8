"""Runs on a full disk: everything is judged that can be, nothing generated is lost, and one line says why."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Sequence

import pytest

from tests.runs.test_faults import MODES, StartServer, asked, model
from tests.runs.test_interruptions import kept
from tests.support.full_disk import on_a_disk_of
from tests.support.processes import DEADLINE_S

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="mounts a small disk")


@pytest.mark.parametrize("mode", MODES)
def test_a_full_disk_costs_the_store_only(
    stub_server: StartServer, pytester: pytest.Pytester, mode: Sequence[str]
) -> None:
    """No file may grow beyond 48 KiB: the store gives out, and everything is judged all the same."""
    server = stub_server(model())
    command = [sys.executable, "-m", "pytest", "-p", "no:hypothesispytest", *asked(server.base_url), *mode]

    done = run(pytester, ["/bin/bash", "-c", f"ulimit -f 48; exec {shlex.join(command)}"])

    assert "the run goes on without the completion store" in done
    assert "INTERNALERROR" not in done
    assert "8 passed" in done


def test_workers_do_not_wait_for_a_controller_that_cannot_write(
    stub_server: StartServer, pytester: pytest.Pytester
) -> None:
    """The feed's disk gets full: later items end without a verdict, the completions are in the store."""
    server = stub_server(model())

    done = run_on_a_disk_of("8k", pytester, *asked(server.base_url), "-n", "2")

    assert "completions could not be passed on to the workers (no room in" in done
    assert re.search(r"[1-7] passed, [1-7] errors", done)
    assert "INTERNALERROR" not in done
    assert kept(pytester.path) == 8


def test_a_disk_without_any_room_is_told_in_one_line(
    stub_server: StartServer, pytester: pytest.Pytester
) -> None:
    """Workers that cannot even say what they are to do end the run, and the line says what helps."""
    server = stub_server(model())

    done = run_on_a_disk_of("8k", pytester, *asked(server.base_url), "--humaneval-tasks=0-163", "-n", "2")

    assert "make room, or let TMPDIR name a folder with room" in done
    assert "INTERNALERROR" not in done
    assert server.log == []


def run_on_a_disk_of(size: str, pytester: pytest.Pytester, *args: str) -> str:
    """Run pytest with its temporary files on a small disk; return what it says."""
    command = [sys.executable, "-m", "pytest", "-p", "no:hypothesispytest", *args]
    return run(pytester, on_a_disk_of(size, pytester.mkdir("small"), command))


def run(pytester: pytest.Pytester, command: Sequence[str]) -> str:
    """Run a command in the test's folder; return what it says."""
    done = subprocess.run(
        command,
        cwd=pytester.path,
        capture_output=True,
        text=True,
        timeout=2 * DEADLINE_S,
        check=False,
    )
    return done.stdout
