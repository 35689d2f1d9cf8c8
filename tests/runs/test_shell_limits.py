"""Runs under the limits of a shell: too few processes or too little memory end them with one line."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence

import pytest

from tests.support.evaluating import command_line
from tests.support.processes import DEADLINE_S

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="sets limits of Linux with ulimit"
)

CANONICAL = ("--humaneval-experiment=canonical", "--humaneval-tasks=0-7")


@pytest.mark.parametrize("processes", ["0", "10"], ids=["none", "few"])
def test_few_processes_end_the_run_with_one_line(pytester: pytest.Pytester, processes: str) -> None:
    """By ulimit -u: no item runs, the line names the limit, and the exit status is that of a usage error."""
    status, text = limited(pytester, f"ulimit -u {processes}", *CANONICAL, prefix=as_ordinary_user())

    assert status == 4, text
    assert text.count("ulimit -u allows this user") == 1
    assert "no tests ran" in text
    assert "Traceback" not in text


def test_with_workers_a_sandbox_that_cannot_be_opened_is_reported_once(pytester: pytest.Pytester) -> None:
    """The controller finds out before it starts its workers, which have no terminal to report it on."""
    pytester.makeconftest(
        """
        from pytest_humaneval.core.errors import SandboxError

        def refuse(limits, jobs, isolation, address):
            raise SandboxError("no sandbox here")

        def pytest_humaneval_register(registry):
            registry.sandbox("none", refuse)
        """
    )
    command = command_line("-n", "2", "--humaneval-sandbox=none", *CANONICAL)
    completed = subprocess.run(command, cwd=pytester.path, capture_output=True, text=True, check=False)

    assert (completed.stdout + completed.stderr).count("no sandbox here") == 1
    assert completed.returncode == pytest.ExitCode.USAGE_ERROR


def test_little_memory_ends_the_run_with_one_line(pytester: pytest.Pytester) -> None:
    """By ulimit -v: one line that names the limit, and with a gate the run is undecided."""
    # 400,000 KiB let pytest itself run; 64 jobs need more address space for their threads.
    gated = (*CANONICAL, "--humaneval-fail-under=0.5", "--humaneval-jobs=64")
    status, text = limited(pytester, "ulimit -v 400000", *gated)

    assert status == 6, text
    assert text.count("ulimit -v allows a process 390 MiB of memory") == 1
    assert "no tests ran" in text


def test_less_memory_than_the_limit_is_reported(pytester: pytest.Pytester) -> None:
    """The shell's limit is below a candidate's, but enough: all are judged, and the summary has one line."""
    status, text = limited(pytester, "ulimit -v 1000000", *CANONICAL, "--humaneval-jobs=1")

    assert status == 0, text
    assert text.count("ulimit -v: this shell allows 976 MiB of memory, less than the memory limit") == 1


def limited(pytester: pytest.Pytester, limit: str, *args: str, prefix: Sequence[str] = ()) -> tuple[int, str]:
    """Run pytest under a limit of the shell; return its exit status and all that it printed."""
    command = command_line("-q", "-p", "no:cacheprovider", *args)
    completed = subprocess.run(
        [*prefix, "bash", "-c", f'{limit} && exec "$@"', "bash", *command],
        cwd=pytester.path,
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
        check=False,
    )
    return completed.returncode, completed.stdout + completed.stderr


def as_ordinary_user() -> list[str]:
    """Return a command that runs another one as an ordinary user; empty where the tests are run by one."""
    # getrlimit(2): RLIMIT_NPROC is not enforced for root.
    if os.geteuid() != 0:
        return []
    if shutil.which("setpriv") is None:
        pytest.skip("RLIMIT_NPROC does not bind root, and there is no setpriv(1) to become another user")
    # The interpreter may lie in root's home, where an ordinary user can read nothing.
    kept = "+dac_override,+dac_read_search"
    # Any number that has no processes yet: RLIMIT_NPROC counts all of a user's.
    user = "54321"
    return ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups",
            f"--inh-caps={kept}", f"--ambient-caps={kept}"]  # fmt: skip
