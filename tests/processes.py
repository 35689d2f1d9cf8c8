"""The processes of this machine, as Linux tells of them."""

from __future__ import annotations

from pathlib import Path


def processes_below(pid: int) -> list[int]:
    """Return the processes that descend from one, nearest first."""
    found = []
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in _children(path):
            found += [child, *processes_below(child)]
    return found


def _children(path: Path) -> list[int]:
    try:
        return [int(pid) for pid in path.read_text().split()]
    except OSError:  # it has just ended
        return []
