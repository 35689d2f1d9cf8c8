"""Results of benchmarks as files: figures, with the machine, the day and the commit that they are from.

A benchmark with ``--results`` calls ``save``. What a page of the documentation cites is kept in
``benchmarks/results/``, one file for each benchmark, and ``result_tables.py`` makes the page's tables of it.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "results"


def save(path: Path, figures: Mapping[str, Any]) -> None:
    """Write figures into a JSON file, with the machine that they are from and the command that made them.

    Args:
        path: a file such as ``results/growth.json``; one that exists is replaced.
        figures: what was measured; units are in the names, such as ``wall_s``.
    """
    command = " ".join(["python", f"benchmarks/{Path(sys.argv[0]).name}", *sys.argv[1:]])
    content = {"machine": machine(), "command": command, **figures}
    path.write_text(json.dumps(content, indent=1) + "\n")


def read(name: str) -> dict[str, Any]:
    """Return the content of a file of ``benchmarks/results/``."""
    content: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text())
    return content


def machine() -> dict[str, str | int | float]:
    """Return what a reader of a figure has to know of this machine."""
    cpus = [line.partition(": ")[2] for line in _lines("/proc/cpuinfo") if line.startswith("model name")]
    memory_kib = [line.split()[1] for line in _lines("/proc/meminfo") if line.startswith("MemTotal")]
    return {
        "cpu": cpus[0] if cpus else platform.machine(),
        "cores": os.cpu_count() or 1,
        "memory_gib": round(int(memory_kib[0]) / 2**20, 1) if memory_kib else "unknown",
        "kernel": platform.release().partition("-")[0],
        "python": platform.python_version(),
        "date": time.strftime("%Y-%m-%d"),
        "commit": _commit(),
    }


def _lines(path: str) -> list[str]:
    """Return the lines of a file of the kernel; none on systems that do not have it."""
    try:
        return Path(path).read_text().splitlines()
    except OSError:
        return []


def _commit() -> str:
    """Return the commit that is checked out, with a plus if files differ; "unknown" without git."""
    command = ("git", "describe", "--always", "--dirty=+", "--abbrev=12")
    try:
        described = subprocess.run(command, capture_output=True, text=True, check=True, cwd=FOLDER)  # noqa: S603
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return described.stdout.strip()
