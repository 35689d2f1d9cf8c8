"""What one process, with its offspring, may still use: time and memory.

CPU time decides, read from the kernel's clock of the process (clock_getcpuclockid(3)), which it cannot stop.
The time that it would have taken on an idle machine is bounded too, for who sleeps does not work, but takes
time: all the time waited for it, less what it, its offspring or its judge spent queueing for a core
(/proc/PID/schedstat, sched-stats in the kernel's documentation). Queueing behind its own threads and
offspring excuses nothing. So a busy machine changes no verdict, and no candidate stretches the wall clock.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

from ..processes.usage import Usage, cpu_s, family_of, threads_of, usage_of

GRACE_S = 0.5
IDLE_S = 0.25
MAX_WALL_FACTOR = 20


class Budget:
    """The time and memory that one process, with its offspring, has for a whole check.

    Args:
        find_pid: returns the process's number, when there is something to be watched; None where it cannot
            be: the wall clock decides.
        timeout_s: CPU seconds.
    """

    def __init__(self, find_pid: Callable[[], int | None], timeout_s: float) -> None:
        self._find_pid = find_pid
        self._timeout_s = timeout_s
        self._waited_s = self._charged_s = 0.0
        self._judge_queued_before_s: float | None = None
        self._members: dict[int, Usage] = {}

    @cached_property
    def _pid(self) -> int | None:
        return self._find_pid()

    def add_wait(self, seconds: float) -> None:
        """Count wall time spent waiting for the process."""
        self._waited_s += seconds

    def charge(self, seconds: float) -> None:
        """Count CPU time that this process spent on reading the other one's answers."""
        self._charged_s += seconds

    def refresh(self) -> None:
        """See anew what the process and its offspring use."""
        if self._judge_queued_before_s is None:
            self._judge_queued_before_s = _judge_queued_s()
        self._members = {pid: usage_of(pid) for pid in family_of(self._pid)} if self._pid else {}

    def remaining_s(self) -> float:
        """Return for how many seconds to wait before looking again; none are left at 0 or below."""
        wall_remaining_s = self._timeout_s * MAX_WALL_FACTOR - self._waited_s
        return min(
            self._timeout_s - self._used_s(),
            self._timeout_s + GRACE_S - self._undisturbed_s(),
            wall_remaining_s,
        )

    def is_idle(self) -> bool:
        """Return whether the process and its offspring have used no core most of the time."""
        idle_s = self._undisturbed_s() - self._used_s() - self._offspring_cpu_s()
        return idle_s > IDLE_S and idle_s > 0.9 * self._waited_s

    def cannot_see_queueing(self) -> bool:
        """Return whether waiting for a core cannot be told from waiting for anything else."""
        return self._pid is None or not threads_of(self._pid)

    def memory_mib(self) -> float:
        """Return what it and its offspring held at the last look, with what the kernel held for them."""
        return sum(usage.resident_mib + usage.kernel_mib for usage in self._members.values())

    def explain(self) -> str:
        """Return why nothing is left, for a person."""
        used_s = self._used_s()
        if used_s >= self._timeout_s:
            return f"no answer after {used_s:.1f} s of CPU time"
        on_a_core = f", {used_s:.2f} s of it on a core" if self._pid else ""
        return f"no answer after {self._waited_s:.1f} s{on_a_core}"

    def _used_s(self) -> float:
        return self._charged_s + ((cpu_s(self._pid) if self._pid else None) or 0.0)

    def _undisturbed_s(self) -> float:
        """Return the time that an idle machine would have taken."""
        judge_queued_s = _judge_queued_s() - (self._judge_queued_before_s or 0.0)
        excused_s = self._queued_behind_others_s() + max(judge_queued_s - self._offspring_cpu_s(), 0.0)
        return self._waited_s + self._charged_s - excused_s

    def _queued_behind_others_s(self) -> float:
        """Return the longest that a thread queued, less the time that all others of the candidate ran."""
        all_s = self._all_cpu_s()
        threads = [thread for usage in self._members.values() for thread in usage.threads]
        behind_others_s = [queued_s - max(all_s - ran_s, 0.0) for ran_s, queued_s in threads]
        return max([0.0, *behind_others_s])

    def _offspring_cpu_s(self) -> float:
        own_s = (cpu_s(self._pid) if self._pid else None) or 0.0
        return max(self._all_cpu_s() - own_s, 0.0)

    def _all_cpu_s(self) -> float:
        return sum(usage.cpu_s for usage in self._members.values())


def _judge_queued_s() -> float:
    return sum(queued_s for _, queued_s in threads_of("self"))
