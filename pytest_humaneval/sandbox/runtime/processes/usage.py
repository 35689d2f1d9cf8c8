"""Read from /proc what a process and its descendants use, as the kernel counts it: see proc(5).

A candidate can change none of it. Where the platform has no /proc, nothing is used.
"""

from __future__ import annotations

import contextlib
import math
import os
import time
from pathlib import Path
from typing import NamedTuple

from ..isolation.rlimits import MAX_FILES
from .process_tree import children_of

# What a process that does nothing holds: the interpreter's own memory, which is counted for each process
# though they share most of it.
BASE_MIB = 16
# Descriptors that the kernel has room for in every process (NR_OPEN_DEFAULT on 64 bits). For more of them it
# makes a larger table, which shows in FDSize: proc_pid_status(5).
SMALL_TABLE = 64

_TICKS_PER_S = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
_PAGES_PER_MIB = (1 << 20) // (os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096)
_KIB_PER_MIB = 1 << 10
# st_blocks counts in these units, whatever the file system's block size: stat(2).
_BLOCK_BYTES = 512


class Usage(NamedTuple):
    """What one process uses.

    Attributes:
        cpu_s: CPU seconds, with those of its children that ended and were waited for.
        resident_mib: memory, beyond what every process of the sandbox has.
        kernel_mib: the most that the kernel may hold for it: page tables and the buffers of sockets.
        threads: for each thread, seconds on a core, and seconds ready to run while it queued for one.
    """

    cpu_s: float = 0.0
    resident_mib: float = 0.0
    kernel_mib: float = 0.0
    threads: tuple[tuple[float, float], ...] = ()


def usage_of(pid: int) -> Usage:
    """Return what a process uses; zeros if it has ended."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        status = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
        return Usage(
            cpu_s=sum(map(int, stat[11:15])) / _TICKS_PER_S,
            resident_mib=max(int(stat[21]) / _PAGES_PER_MIB - BASE_MIB, 0.0),
            kernel_mib=_kib(status, "VmPTE") / _KIB_PER_MIB + _socket_buffers_mib(status),
            threads=threads_of(pid),
        )
    except (OSError, IndexError, ValueError):
        return Usage()


def _kib(status: dict[str, str], name: str) -> int:
    # A zombie has no such line, and holds nothing.
    return int(status.get(name, "0").split()[0])


def _socket_buffers_mib(status: dict[str, str]) -> float:
    """Return the MiB that the sockets of a process may hold at most; 0 if it can have few descriptors."""
    # Only its owner may see which descriptors are sockets, but everybody how many it has room for.
    slots = int(status.get("FDSize", "0"))
    return slots * _buffer_mib() if slots > SMALL_TABLE else 0.0


def _buffer_mib() -> float:
    try:
        return int(Path("/proc/sys/net/core/wmem_default").read_text()) / (1 << 20)
    except (OSError, ValueError):
        return 0.25


def disk_mib(folder: Path) -> float:
    """Return the MiB that the files below a folder take, or infinity if there are more than ``MAX_FILES``.

    Files that were removed while they are open are missing: only their process sees them.
    """
    files, taken = 0, 0
    waiting = [folder]
    while waiting:
        # It was removed meanwhile, or may not be read.
        with contextlib.suppress(OSError):
            for entry in os.scandir(waiting.pop()):
                files += 1
                if files > MAX_FILES:
                    return math.inf
                taken += entry.stat(follow_symlinks=False).st_blocks * _BLOCK_BYTES
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(Path(entry.path))
    return taken / (1 << 20)


def family_of(pid: int) -> list[int]:
    """Return the process ids of a process and its descendants, also of those whose own parents ended."""
    # From its parent on: that is the fork server, which adopts them.
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


def cpu_s(pid: int) -> float | None:
    """Return a process's CPU seconds by its own clock, in nanosecond steps; None where it has none."""
    try:
        return time.clock_gettime(_cpu_clock(pid))
    except (AttributeError, OSError):
        return None


def _cpu_clock(pid: int) -> int:
    # CPUCLOCK_SCHED of a whole process, as clock_getcpuclockid(3) composes it; time.pthread_getcpuclockid is
    # for threads alone.
    return (~pid << 3) | 2


def threads_of(pid: int | str) -> tuple[tuple[float, float], ...]:
    """Return the seconds that each thread ran and queued for a core; empty where nothing counts them.

    Args:
        pid: the id of their process, or "self".
    """
    try:
        files = [thread / "schedstat" for thread in Path(f"/proc/{pid}/task").iterdir()]
        return tuple(_ran_and_queued_s(file.read_text()) for file in files)
    except (OSError, ValueError):
        return ()


def _ran_and_queued_s(schedstat: str) -> tuple[float, float]:
    ran_ns, queued_ns, _ = map(int, schedstat.split())
    return ran_ns / 1e9, queued_ns / 1e9
