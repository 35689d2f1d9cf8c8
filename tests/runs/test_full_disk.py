"""Runs on a full disk: what can be judged is judged, no completion is lost, and one line says why."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Sequence

import pytest

from tests.support.eight_problems import eight_problems, solving_model, stored_completions
from tests.support.evaluating import PLAIN_AND_WORKERS, command_line
from tests.support.full_disk import on_a_disk_of
from tests.support.processes import DEADLINE_S
from tests.support.serving import StartServer

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="mounts a small disk")


@pytest.mark.parametrize("mode", PLAIN_AND_WORKERS)
def test_a_full_disk_costs_the_store_only(
    stub_server: StartServer, pytester: pytest.Pytester, mode: Sequence[str]
) -> None:
    """No file may grow beyond 48 KiB: the store fails, and every completion is still judged."""
    server = stub_server(solving_model())
    command = command_line(*eight_problems(server.base_url), *mode)

    printed = run(pytester, ["/bin/bash", "-c", f"ulimit -f 48; exec {shlex.join(command)}"])

    assert "the run goes on without the completion store" in printed
    assert "INTERNALERROR" not in printed
    assert "8 passed" in printed


def test_workers_do_not_wait_for_a_controller_that_cannot_write(
    stub_server: StartServer, pytester: pytest.Pytester
) -> None:
    """The completion feed's disk gets full: later items have no verdict, the store has all completions."""
    server = stub_server(solving_model())

    printed = run_on_a_disk_of("8k", pytester, *eight_problems(server.base_url), "-n", "2")

    assert "completions could not be passed on to the workers (no room in" in printed
    assert re.search(r"[1-7] passed, [1-7] errors", printed)
    assert "INTERNALERROR" not in printed
    assert stored_completions(pytester.path) == 8


def test_a_disk_without_any_room_is_reported_in_one_line(
    stub_server: StartServer, pytester: pytest.Pytester
) -> None:
    """Workers that cannot write which items are selected end the run, and one line says what to do."""
    server = stub_server(solving_model())

    printed = run_on_a_disk_of(
        "8k", pytester, *eight_problems(server.base_url), "--humaneval-tasks=0-163", "-n", "2"
    )

    assert "make room, or let TMPDIR name a folder with room" in printed
    assert "INTERNALERROR" not in printed
    assert server.log == []


def run_on_a_disk_of(size: str, pytester: pytest.Pytester, *args: str) -> str:
    """Run pytest with its temporary files on a small disk; return what it prints on standard output."""
    return run(pytester, on_a_disk_of(size, pytester.mkdir("small"), command_line(*args)))


def run(pytester: pytest.Pytester, command: Sequence[str]) -> str:
    """Run a command in the test's folder; return what it prints on standard output."""
    completed = subprocess.run(
        command,
        cwd=pytester.path,
        capture_output=True,
        text=True,
        timeout=2 * DEADLINE_S,
        check=False,
    )
    return completed.stdout
