"""Ending a process with all its offspring, and saying how it had ended by itself."""

from __future__ import annotations

import contextlib
import os
import signal
from pathlib import Path


def kill_tree(pid: int) -> None:
    """Kill a process and its process group; those that are gone already do not matter."""
    if os.name != "posix":
        os.kill(pid, signal.SIGTERM)  # TerminateProcess
        return
    for end in (os.killpg, os.kill):
        try:
            end(pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            continue


def reap_all(child: int, *, everything: bool) -> int:
    """Kill and await every process below this one; return the wait status of ``child``.

    Whatever a candidate starts ends up here: this process is the one to which orphans are given.

    Args:
        child: the candidate's first process.
        everything: all processes that this one can see are below it; they are killed at one blow.
    """
    status = 0
    if everything:
        with contextlib.suppress(ProcessLookupError):
            os.kill(-1, signal.SIGKILL)
    kill_tree(child)
    while True:
        try:
            pid, found = os.waitpid(-1, 0)
        except ChildProcessError:
            return status
        if pid == child:
            status = found
        for orphan in _children():
            kill_tree(orphan)


def _children() -> list[int]:
    path = Path(f"/proc/self/task/{os.getpid()}/children")
    try:
        return [int(pid) for pid in path.read_text().split()]
    except OSError:
        return []


def described(code: int) -> str:
    """Return in words how a process ended.

    Args:
        code: its exit status, or the negative number of the signal that ended it.
    """
    if code >= 0:
        return f"left early with exit status {code}"
    try:
        return f"died of {signal.Signals(-code).name}"
    except ValueError:
        return f"died of signal {-code}"
