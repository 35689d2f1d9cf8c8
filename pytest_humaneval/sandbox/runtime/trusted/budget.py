"""The time and memory that a candidate's process and its descendants have left.

Three limits of time, so that a busy machine changes no verdict and no candidate runs for ever:

    CPU time            by the kernel's clock of the process (clock_getcpuclockid(3)), which it cannot stop
    undisturbed time    what an idle machine would have taken; it ends programs that sleep
    wall time           whatever the two others say

Undisturbed time is all the time waited for the process, less what it, its descendants or its judge queued for
a core (/proc/PID/schedstat, see sched-stats in the kernel's documentation). Queueing behind its own threads
and descendants is not taken off.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import NamedTuple

from ..processes.usage import Usage, cpu_s, family_of, threads_of, usage_of

# How much the limit of undisturbed time is above that of CPU time.
GRACE_S = 0.5
# After so many undisturbed seconds without work a candidate counts as idle.
IDLE_S = 0.25
# The limit of wall time, as a multiple of that of CPU time.
MAX_WALL_FACTOR = 20


class _Step(NamedTuple):
    """A limit of time, and what was used when it began to count."""

    timeout_s: float
    used_s: float = 0.0
    undisturbed_s: float = 0.0
    waited_s: float = 0.0

    def remaining_s(self, used_s: float, undisturbed_s: float, waited_s: float) -> float:
        return min(
            self.timeout_s - (used_s - self.used_s),
            self.timeout_s + GRACE_S - (undisturbed_s - self.undisturbed_s),
            self.timeout_s * MAX_WALL_FACTOR - (waited_s - self.waited_s),
        )


class Budget:
    """The time that one process and its descendants have for a whole test, and the memory they hold.

    Args:
        find_pid: returns the process id, called at the first need; None where it is unknown, and then wall
            time decides.
        timeout_s: limit of CPU time.
    """

    def __init__(self, find_pid: Callable[[], int | None], timeout_s: float) -> None:
        self._find_pid = find_pid
        self._step = self._whole = _Step(timeout_s)
        self._waited_s = self._charged_s = 0.0
        self._judge_queued_before_s: float | None = None
        self._judge_queued_seen_s: float | None = None
        self._members: dict[int, Usage] = {}

    @cached_property
    def _pid(self) -> int | None:
        # Late and once: finding it reads /proc, and most candidates end before they are checked.
        return self._find_pid()

    def begin_step(self, timeout_s: float) -> None:
        """Limit the time from now on, too; to be called right after ``refresh``."""
        self._step = _Step(timeout_s, self._used_s(), self._undisturbed_s(), self._waited_s)

    def add_wait(self, seconds: float) -> None:
        """Add wall time that was spent waiting for the process."""
        self._waited_s += seconds

    def take_off_stop(self, seconds: float) -> None:
        """Take wall time off in which this process did not run; what it queued of it is taken off anyway."""
        now_s, seen_s = _judge_queued_s(), self._judge_queued_seen_s
        # Before the first refresh no queueing has been taken off.
        queued_s = 0.0 if seen_s is None else now_s - seen_s
        self._judge_queued_seen_s = None if seen_s is None else now_s
        self._waited_s -= max(seconds - queued_s, 0.0)

    def charge(self, seconds: float) -> None:
        """Add CPU time that this process spent on decoding the candidate's answers."""
        self._charged_s += seconds

    def refresh(self) -> None:
        """Read again what the process and its descendants use."""
        self._judge_queued_seen_s = _judge_queued_s()
        if self._judge_queued_before_s is None:
            self._judge_queued_before_s = self._judge_queued_seen_s
        self._members = {pid: usage_of(pid) for pid in family_of(self._pid)} if self._pid else {}

    def remaining_s(self) -> float:
        """Return the seconds until a limit of time can be reached, at the earliest; 0 or less if one is."""
        used_s, undisturbed_s = self._used_s(), self._undisturbed_s()
        return min(
            step.remaining_s(used_s, undisturbed_s, self._waited_s) for step in (self._whole, self._step)
        )

    def is_idle(self) -> bool:
        """Return whether the process and its descendants have used no core for most of the time."""
        idle_s = self._undisturbed_s() - self._used_s() - self._descendants_cpu_s()
        return idle_s > IDLE_S and idle_s > 0.9 * self._waited_s

    def cannot_see_queueing(self) -> bool:
        """Return whether the kernel does not count how long the process queued for a core."""
        return self._pid is None or not threads_of(self._pid)

    def memory_mib(self) -> float:
        """Return the MiB that all its processes held at the last ``refresh``, with the kernel's for them."""
        return sum(usage.resident_mib + usage.kernel_mib for usage in self._members.values())

    def explain(self) -> str:
        """Return which limit of time was reached, for a person."""
        used_s, undisturbed_s = self._used_s(), self._undisturbed_s()
        step = min(
            (self._whole, self._step),
            key=lambda each: each.remaining_s(used_s, undisturbed_s, self._waited_s),
        )
        used_s -= step.used_s
        if used_s >= step.timeout_s:
            return f"no answer after {used_s:.1f} s of CPU time"
        on_a_core = f", {used_s:.2f} s of it on a core" if self._pid else ""
        return f"no answer after {self._waited_s - step.waited_s:.1f} s{on_a_core}"

    def _used_s(self) -> float:
        return self._charged_s + ((cpu_s(self._pid) if self._pid else None) or 0.0)

    def _undisturbed_s(self) -> float:
        """Return the seconds that an idle machine would have taken so far."""
        judge_queued_s = _judge_queued_s() - (self._judge_queued_before_s or 0.0)
        # The judge, too, may have queued behind the candidate's own descendants.
        excused_s = self._queued_behind_others_s() + max(judge_queued_s - self._descendants_cpu_s(), 0.0)
        return self._waited_s + self._charged_s - excused_s

    def _queued_behind_others_s(self) -> float:
        """Return the longest time a thread queued, less the time that all others of the candidate ran."""
        # The longest, not the sum: threads queue at the same time. The others' running time is what it may
        # have queued behind, however many cores there are.
        all_s = self._all_cpu_s()
        threads = [thread for usage in self._members.values() for thread in usage.threads]
        behind_others_s = [queued_s - max(all_s - ran_s, 0.0) for ran_s, queued_s in threads]
        return max([0.0, *behind_others_s])

    def _descendants_cpu_s(self) -> float:
        own_s = (cpu_s(self._pid) if self._pid else None) or 0.0
        return max(self._all_cpu_s() - own_s, 0.0)

    def _all_cpu_s(self) -> float:
        return sum(usage.cpu_s for usage in self._members.values())


def _judge_queued_s() -> float:
    return sum(queued_s for _, queued_s in threads_of("self"))
