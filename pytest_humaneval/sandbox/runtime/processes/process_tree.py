"""Kill a process with all its descendants, and describe how it had ended by itself."""

from __future__ import annotations

import os
import signal
from pathlib import Path


def kill_tree(pid: int) -> None:
    """Kill a process and its process group; harmless where they have ended."""
    if os.name != "posix":
        # On Windows os.kill calls TerminateProcess for any signal.
        os.kill(pid, signal.SIGTERM)
        return
    for end in (os.killpg, os.kill):
        try:
            end(pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            continue


def reap_all(child: int, *, everything: bool) -> tuple[int, float]:
    """Kill and await every descendant of this process, which must be the one that adopts orphans.

    Args:
        child: the candidate's first process.
        everything: whether this process can signal only its descendants.

    Returns:
        The wait status of ``child``, and the CPU seconds of all that were awaited.
    """
    # One call kills all at once, so no relay of forks escapes it: kill(2), pid -1. Where it would reach
    # others, the descendants are looked for until none is left.
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
        # Only here, where none is left to reap: a candidate may leave thousands of zombies, and to look for
        # the living among them after each would take quadratic time.
        for orphan in children_of(os.getpid()):
            kill_tree(orphan)


def children_of(pid: int) -> list[int]:
    """Return the process ids of a process's children, eldest first; none on platforms without /proc."""
    path = Path(f"/proc/{pid}/task/{pid}/children")
    try:
        return [int(child) for child in path.read_text().split()]
    except OSError:
        return []


def describe_exit(code: int) -> str:
    """Return a sentence on how a process ended.

    Args:
        code: its exit status, or the negative number of the signal that ended it.
    """
    if code >= 0:
        return f"left early with exit status {code}"
    try:
        return f"died of {signal.Signals(-code).name}"
    except ValueError:
        return f"died of signal {-code}"
