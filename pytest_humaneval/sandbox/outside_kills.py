"""Candidates that a signal ended: by their own doing, or by somebody outside, such as the OOM killer."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Final

from pytest_humaneval.core.records import Outcome, Verdict
from pytest_humaneval.sandbox.runtime.processes.process_tree import described

VMSTAT = Path("/proc/vmstat")
_SIGKILL, _SIGTERM = 9, 15  # by number, for Windows has no SIGKILL
_KILLED: Final = {described(-_SIGKILL), described(-_SIGTERM)}


def was_killed(verdict: Verdict) -> bool:
    """Whether a candidate died of a signal that the kernel, an administrator or a daemon may have sent.

    The OOM killer sends SIGKILL; earlyoom(1) and service managers send SIGTERM first.
    """
    return verdict.outcome is Outcome.CRASHED and verdict.message in _KILLED


def oom_kills() -> int:
    """Return how many processes the kernel's OOM killer has ended since the machine's start, in any cgroup.

    Always 0 where the platform does not count them: ``oom_kill`` of /proc/vmstat, Linux 4.13 and newer.
    """
    with suppress(OSError):
        for line in VMSTAT.read_text().splitlines():
            name, _, count = line.partition(" ")
            if name == "oom_kill":
                return int(count)
    return 0
