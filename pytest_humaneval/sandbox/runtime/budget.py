"""How long a process may still run: its CPU time decides, and time asleep is the backstop.

CPU time is read from the kernel's clock of that process (clock_getcpuclockid(3)), which it cannot stop.
Waiting counts only where the process was neither running nor queueing for a core (/proc/PID/schedstat,
sched-stats in the kernel's documentation), so a busy machine changes no verdict. The memory of one process is
the kernel's to limit; here that of all offspring together is watched.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from functools import cached_property
from pathlib import Path

from .ending import children_of

IDLE_GRACE_S = 0.5
IDLE_S = 0.25
MAX_WALL_FACTOR = 60
BASE_MIB = 16  # of a process that does nothing: the interpreter's own memory, counted for each
_PAGES_PER_MIB = (1 << 20) // (os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096)


class Budget:
    """The time and memory that one process, with its offspring, has for a whole check.

    Args:
        find_pid: tells the process, as this one numbers it, when there is something to be watched; None where
            it cannot be: the wall clock decides.
        timeout_s: CPU seconds.
    """

    def __init__(self, find_pid: Callable[[], int | None], timeout_s: float) -> None:
        self._find_pid = find_pid
        self._timeout_s = timeout_s
        self._waited_s = 0.0

    @cached_property
    def _pid(self) -> int | None:
        return self._find_pid()

    def waited(self, seconds: float) -> None:
        """Count wall time spent waiting for the process."""
        self._waited_s += seconds

    def left_s(self) -> float:
        """Return for how many seconds to wait before looking again; none are left at 0 or below."""
        cpu_s = self.cpu_s() or 0.0
        wall_left_s = self._timeout_s * MAX_WALL_FACTOR - self._waited_s
        return min(self._timeout_s - cpu_s, self._timeout_s + IDLE_GRACE_S - self._idle_s(), wall_left_s)

    def is_idle(self) -> bool:
        """Return whether the process has been waiting, and not for a core, most of the time."""
        idle_s = self._idle_s()
        return idle_s > IDLE_S and idle_s > 0.9 * self._waited_s

    def is_blind(self) -> bool:
        """Return whether waiting for a core cannot be told from waiting for anything else."""
        return self._queueing_s() is None

    def cpu_s(self) -> float | None:
        """Return the CPU seconds that the process has used; None where the platform does not tell."""
        if self._pid is None:
            return None
        try:
            return time.clock_gettime(_cpu_clock(self._pid))
        except (AttributeError, OSError):
            return None

    def memory_mib(self) -> float:
        """Return the memory in use by the process and its offspring; 0 where the platform does not tell."""
        if self._pid is None:
            return 0.0
        family = _family(self._pid)
        return 0.0 if len(family) < 2 else sum(max(_resident_mib(pid) - BASE_MIB, 0.0) for pid in family)

    def explain(self) -> str:
        """Return why nothing is left, for a person."""
        cpu_s = self.cpu_s()
        if cpu_s is not None and cpu_s >= self._timeout_s:
            return f"no answer after {cpu_s:.1f} s of CPU time"
        used = "" if cpu_s is None else f", {cpu_s:.2f} s of it on a core"
        return f"no answer after {self._waited_s:.1f} s{used}"

    def _idle_s(self) -> float:
        return self._waited_s - (self.cpu_s() or 0.0) - (self._queueing_s() or 0.0)

    def _queueing_s(self) -> float | None:
        try:
            threads = list(Path(f"/proc/{self._pid}/task").iterdir())
            return sum(int((thread / "schedstat").read_text().split()[1]) for thread in threads) / 1e9
        except (OSError, IndexError):
            return None


def _family(pid: int) -> list[int]:
    """Return a process and its offspring, those included whose own parents ended."""
    family: list[int] = []
    waiting = children_of(_parent(pid))
    while waiting:
        family.append(waiting.pop())
        waiting += children_of(family[-1])
    return family


def _parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except (OSError, IndexError):
        return 0


def _resident_mib(pid: int) -> float:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) / _PAGES_PER_MIB
    except (OSError, IndexError):
        return 0.0


def _cpu_clock(pid: int) -> int:
    return (~pid << 3) | 2  # CPUCLOCK_SCHED of a whole process, as clock_getcpuclockid(3) composes it
