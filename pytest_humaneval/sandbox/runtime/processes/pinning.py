"""Pin processes that take turns to one core, so that each finds warm caches: sched_setaffinity(2)."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

# Unpinned once in so many turns. Pinning saved some 10 % of CPU time on a busy machine: with two jobs, 4.1 to
# 4.9 ms for each candidate became 3.7 to 4.2 ms.
TURNS = 16


class Pinning:
    """Keeps this process and others on the core that the scheduler has chosen for this one.

    Every ``TURNS`` turns the scheduler may choose anew: other programs may have come to that core meanwhile,
    or left another one.

    Args:
        pids: the other processes, which take turns with this one.
    """

    def __init__(self, pids: list[int]) -> None:
        self._pids = [0, *pids] if pids and hasattr(os, "sched_setaffinity") else []
        self._allowed = os.sched_getaffinity(0) if self._pids else set()
        self._turn = -1

    def next_turn(self) -> None:
        """Pin or unpin the processes as it is this turn's; to be called before each turn."""
        if not self._pids:
            return
        self._turn = (self._turn + 1) % TURNS
        if self._turn == 0:
            self._allow(self._allowed)
        elif self._turn == 1:
            self._allow({_core()})

    def _allow(self, cores: set[int]) -> None:
        for pid in self._pids:
            # The core was taken away meanwhile (cpuset(7)), or the process has ended.
            with suppress(OSError):
                os.sched_setaffinity(pid, cores)


def _core() -> int:
    # Field 39 of proc_pid_stat(5), "processor". The second field may hold spaces and brackets, so fields are
    # counted from the last bracket.
    return int(Path("/proc/self/stat").read_text().rpartition(")")[2].split()[36])
