"""The processes of this machine, read from /proc (Linux only)."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

# A guard against waiting for ever, not an expectation: on a busy machine a run of seconds takes many more.
DEADLINE_S = 60.0


def processes_below(pid: int) -> list[int]:
    """Return the processes that descend from one, nearest first."""
    found = []
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in _children(path):
            found += [child, *processes_below(child)]
    return found


def is_running(pid: int) -> bool:
    """Whether the process exists and is no zombie."""
    try:
        # proc(5): the state comes after the command's name, which is in parentheses and may hold any of them.
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


def judges(pid: int) -> bool:
    """Whether the process is one that a sandbox has started."""
    try:
        return b"from runtime." in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        # It has just ended.
        return False


def wait_until(holds: Callable[[], bool]) -> None:
    """Wait until something holds that another process brings about; fail after ``DEADLINE_S``."""
    deadline_s = time.monotonic() + DEADLINE_S
    while not holds():
        assert time.monotonic() < deadline_s, "it did not happen in time"
        time.sleep(0.02)


def _children(path: Path) -> list[int]:
    try:
        return [int(pid) for pid in path.read_text().split()]
    except OSError:
        # It has just ended.
        return []
