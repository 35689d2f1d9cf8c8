"""Keeping processes that take turns on one core: what one leaves in its caches the next one finds there."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

TURNS = 16


class Pinning:
    """Keeps processes together on the core that the scheduler chose for this one, and has it choose anew.

    One turn of ``TURNS`` goes unpinned: whatever else has come to run on that core, or left another one, then
    counts.

    Args:
        pids: other processes, which take turns with this one.
    """

    def __init__(self, pids: list[int]) -> None:
        self._pids = [0, *pids] if pids and hasattr(os, "sched_setaffinity") else []
        self._allowed = os.sched_getaffinity(0) if self._pids else set()
        self._turn = -1

    def next_turn(self) -> None:
        """To be called before each turn."""
        if not self._pids:
            return
        self._turn = (self._turn + 1) % TURNS
        if self._turn == 0:
            self._allow(self._allowed)
        elif self._turn == 1:
            self._allow({_core()})

    def _allow(self, cores: set[int]) -> None:
        for pid in self._pids:
            with suppress(OSError):  # a core that was taken away meanwhile, or a process that ended
                os.sched_setaffinity(pid, cores)


def _core() -> int:
    return int(Path("/proc/self/stat").read_text().rpartition(")")[2].split()[36])  # proc_pid_stat(5)
