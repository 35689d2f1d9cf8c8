"""Recognise candidates that something outside the sandbox may have killed, such as the OOM killer."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Final

from pytest_humaneval.core.records import Outcome, Verdict
from pytest_humaneval.sandbox.runtime.processes.process_tree import describe_exit

VMSTAT = Path("/proc/vmstat")
# By number: the signal module has no SIGKILL on Windows.
_SIGKILL, _SIGTERM = 9, 15
# The OOM killer sends SIGKILL; earlyoom(1) and service managers send SIGTERM first.
_KILLED: Final = {describe_exit(-_SIGKILL), describe_exit(-_SIGTERM)}


def may_be_outside_kill(verdict: Verdict) -> bool:
    """Return whether a candidate died of a signal that the kernel, a daemon or an administrator may send.

    The candidate may as well have sent it to itself: the signal alone does not show who did.
    """
    return verdict.outcome is Outcome.CRASHED and verdict.message in _KILLED


def count_oom_kills() -> int:
    """Return how many processes the kernel's OOM killer has killed since the machine started, in any cgroup.

    Always 0 where nothing counts them: ``oom_kill`` is in /proc/vmstat since Linux 4.13.
    """
    with suppress(OSError):
        for line in VMSTAT.read_text().splitlines():
            name, _, count = line.partition(" ")
            if name == "oom_kill":
                return int(count)
    return 0
