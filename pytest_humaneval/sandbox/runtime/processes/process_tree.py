"""Ending a process with all its offspring, and saying how it had ended by itself."""

from __future__ import annotations

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


def reap_all(child: int, *, everything: bool) -> tuple[int, float]:
    """Kill and await every process below this one.

    Whatever a candidate starts ends up here: this process is the one to which orphans are given.

    Args:
        child: the candidate's first process.
        everything: all processes that this one may signal are below it; they are killed at one blow. Else
            they are looked for until none is left; one that forks on and on is met between two forks.

    Returns:
        The wait status of ``child``, and the CPU seconds of all.
    """
    if everything:
        os.kill(-1, signal.SIGKILL)
    else:
        kill_tree(child)
    _, status, usage = os.wait4(child, 0)
    cpu_s = usage.ru_utime + usage.ru_stime
    while True:
        try:
            pid, _, usage = os.wait4(-1, 0 if everything else os.WNOHANG)
        except ChildProcessError:
            return status, cpu_s
        if pid:
            cpu_s += usage.ru_utime + usage.ru_stime
            continue
        for orphan in children_of(os.getpid()):  # the living: the dead, who may be thousands, are gone first
            kill_tree(orphan)


def children_of(pid: int) -> list[int]:
    """Return the numbers of a process's children, eldest first; none where the platform does not tell."""
    path = Path(f"/proc/{pid}/task/{pid}/children")
    try:
        return [int(child) for child in path.read_text().split()]
    except OSError:
        return []


def describe_exit(code: int) -> str:
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
