"""How long a process may still run: its CPU time decides, and time asleep is the backstop.

CPU time is read from the kernel's clock of that process (clock_getcpuclockid(3)), which it cannot stop.
Waiting counts only where the process was neither running nor queueing for a core (/proc/PID/schedstat,
sched-stats in the kernel's documentation), so a busy machine changes no verdict.
"""

from __future__ import annotations

import time
from pathlib import Path

IDLE_GRACE_S = 1.0
MAX_WALL_FACTOR = 60


class Budget:
    """The time that one process has for a whole check.

    Args:
        pid: the process, as this one numbers it; None where it cannot be watched: the wall clock decides.
        timeout_s: CPU seconds.
    """

    def __init__(self, pid: int | None, timeout_s: float) -> None:
        self._pid = pid
        self._timeout_s = timeout_s
        self._waited_s = 0.0

    def waited(self, seconds: float) -> None:
        """Count wall time spent waiting for the process."""
        self._waited_s += seconds

    def left_s(self) -> float:
        """Return for how many seconds to wait before looking again; none are left at 0 or below."""
        cpu_s = self.cpu_s()
        if cpu_s is None:
            return self._timeout_s + IDLE_GRACE_S - self._waited_s
        idle_s = self._waited_s - cpu_s - self._queueing_s()
        wall_left_s = self._timeout_s * MAX_WALL_FACTOR - self._waited_s
        return min(self._timeout_s - cpu_s, self._timeout_s + IDLE_GRACE_S - idle_s, wall_left_s)

    def cpu_s(self) -> float | None:
        """Return the CPU seconds that the process has used; None where the platform does not tell."""
        if self._pid is None:
            return None
        try:
            return time.clock_gettime(_cpu_clock(self._pid))
        except (AttributeError, OSError):
            return None

    def explain(self) -> str:
        """Return why nothing is left, for a person."""
        cpu_s = self.cpu_s()
        if cpu_s is not None and cpu_s >= self._timeout_s:
            return f"no answer after {cpu_s:.1f} s of CPU time"
        used = "" if cpu_s is None else f", {cpu_s:.2f} s of it on a core"
        return f"no answer after {self._waited_s:.1f} s{used}"

    def _queueing_s(self) -> float:
        total_ns = 0
        try:
            for thread in Path(f"/proc/{self._pid}/task").iterdir():
                total_ns += int((thread / "schedstat").read_text().split()[1])
        except (OSError, IndexError):
            pass
        return total_ns / 1e9


def _cpu_clock(pid: int) -> int:
    return (~pid << 3) | 2  # CPUCLOCK_SCHED of a whole process, as clock_getcpuclockid(3) composes it
