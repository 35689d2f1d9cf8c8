"""The peak of memory and disk that the processes of a jail, and the kernel for them, hold."""

from __future__ import annotations

import os
import tempfile
import threading
from contextlib import suppress
from pathlib import Path

INTERVAL_S = 0.05
# Of a process that does nothing: what a fork shares with its parent counts for both.
BASE_MIB = 16
_PAGES_PER_MIB = (1 << 20) // os.sysconf("SC_PAGE_SIZE")


class MemoryWatch:
    """Measures every ``INTERVAL_S`` seconds while its context is entered.

    Attributes:
        processes_mib: the most that all processes but this one held of their own.
        missing_mib: the most by which the machine's available memory was below that of the beginning.
        disk_mib: the same of the disk for temporary files.
    """

    def __init__(self) -> None:
        self.processes_mib = self.missing_mib = self.disk_mib = 0.0
        self._available_mib, self._free_mib = _available_mib(), _free_mib()
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> MemoryWatch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._done.wait(INTERVAL_S):
            self.processes_mib = max(self.processes_mib, _processes_mib())
            self.missing_mib = max(self.missing_mib, self._available_mib - _available_mib())
            self.disk_mib = max(self.disk_mib, self._free_mib - _free_mib())

    def excess(self, processes_mib: float, missing_mib: float, disk_mib: float) -> list[str]:
        """Return a fault for each peak above its bound."""
        looked_at = {
            "its processes held": (self.processes_mib, processes_mib),
            "the machine's memory lacked": (self.missing_mib, missing_mib),
            "the disk lacked": (self.disk_mib, disk_mib),
        }
        return [f"{what} {found:.0f} MiB" for what, (found, bound) in looked_at.items() if found > bound]


def _processes_mib() -> float:
    pids = {int(path.name) for path in Path("/proc").glob("[0-9]*")} - {os.getpid()}
    return sum(max(_own_mib(pid) - BASE_MIB, 0.0) for pid in pids)


def _own_mib(pid: int) -> float:
    with suppress(OSError, IndexError):
        _, resident, shared, *_ = map(int, Path(f"/proc/{pid}/statm").read_text().split())
        return (resident - shared) / _PAGES_PER_MIB
    return 0.0


def _available_mib() -> float:
    lines = Path("/proc/meminfo").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("MemAvailable"))


def _free_mib() -> float:
    found = os.statvfs(tempfile.gettempdir())
    return found.f_bavail * found.f_frsize / (1 << 20)
