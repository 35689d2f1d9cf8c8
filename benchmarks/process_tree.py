"""What a command costs with every process that it starts: wall time, CPU time, peak memory.

    python benchmarks/process_tree.py COMMAND...

Runs the command, passes its output on, and prints one line of JSON at the end. CPU time is that of the
command and of all processes below it, as the kernel counts it when they end; those that outlive their parent
are waited for here. Memory is the greatest sum of their proportional set sizes, in which a page that several
processes share counts once. It is looked at twenty times a second, or more seldom, so that this takes a
twentieth of one core at most. Where a process's own may not be read, its resident set size, which is never
less, is taken instead. Linux only.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

_PR_SET_CHILD_SUBREAPER = 36
_INTERVAL_S = 0.05
_MOST_OF_A_CORE = 0.05
"""The share of one core that looking at memory may take."""


class Usage(NamedTuple):
    """What a command took, with all processes below it.

    Attributes:
        status: its exit status.
        wall_s: from its start until it and all processes below it had ended.
        cpu_s: CPU time of all of them, user's and system's.
        peak_mib: the most memory of all of them together.
    """

    status: int
    wall_s: float
    cpu_s: float
    peak_mib: float


def used(
    command: Sequence[str], folder: Path, environment: Mapping[str, str], log: Path, timeout_s: float = 3600.0
) -> Usage:
    """Run a command by this script, in a process of its own, so that nothing else is counted with it.

    Args:
        command: its words.
        folder: where it runs.
        environment: variables set beside those that are set.
        log: gets the command's output.
        timeout_s: after which it is ended.

    Raises:
        SystemExit: it failed, with the last lines of its output.
    """
    with (
        log.open("wb") as out,
        subprocess.Popen(  # noqa: S603 -- the benchmark's own command line
            [sys.executable, str(Path(__file__)), *command],
            cwd=folder,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        ) as process,
    ):
        try:
            status = process.wait(timeout_s)
        except BaseException:
            # Ctrl-C too: nothing is left running.
            os.killpg(process.pid, signal.SIGKILL)
            raise
    lines = log.read_text("utf-8", "replace").splitlines()
    if status:
        raise SystemExit("\n".join([f"failed: {' '.join(command)}", *lines[-30:]]))
    return Usage(**json.loads(lines[-1]))


def run(command: Sequence[str]) -> Usage:
    """Run a command here; wait until all processes below it have ended."""
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    peak_kib, is_over = [0.0], threading.Event()
    watching = threading.Thread(target=_watch, args=(peak_kib, is_over))
    began_s = time.perf_counter()
    process = subprocess.Popen(command)  # noqa: S603 -- what the caller asked for
    watching.start()
    try:
        status = process.wait()
        with suppress(ChildProcessError):
            while True:
                os.wait()
        wall_s = time.perf_counter() - began_s
    finally:
        is_over.set()
        watching.join()
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return Usage(status, wall_s, spent.ru_utime + spent.ru_stime, peak_kib[0] / 1024)


def _watch(peak_kib: list[float], is_over: threading.Event) -> None:
    pause_s = 0.0
    while not is_over.wait(pause_s):
        began_s = time.thread_time()
        peak_kib[0] = max(peak_kib[0], sum(map(_kib_of, _below(os.getpid()))))
        pause_s = max(_INTERVAL_S, (time.thread_time() - began_s) / _MOST_OF_A_CORE)


def _below(pid: int) -> Iterator[int]:
    """Yield all processes below one."""
    # It may have ended since its parent named it.
    with suppress(OSError):
        for path in Path(f"/proc/{pid}/task").glob("*/children"):
            for child in map(int, path.read_text().split()):
                yield child
                yield from _below(child)


def _kib_of(pid: int) -> float:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return float(line.split()[1])
    with suppress(OSError):
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1024
    return 0.0


def main() -> int:
    """Run the command of the command line; return its exit status."""
    if len(sys.argv) == 1:
        sys.exit("usage: process_tree.py COMMAND...")
    usage = run(sys.argv[1:])
    print(json.dumps(usage._asdict()), flush=True)
    return usage.status


if __name__ == "__main__":
    sys.exit(main())
