"""Runs that are ended by Ctrl-C: what they print, and that nothing of them is left."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.support.evaluating import command_line
from tests.support.processes import DEADLINE_S, is_running, processes_below, wait_until

linux_only = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads the processes from /proc")


def interrupted(folder: Path, args: Sequence[str], when: Callable[[int], bool]) -> str:
    """Run pytest in a folder, press Ctrl-C when ``when`` holds of its process, and return what it printed.

    The run must end as interrupted, and leave no process.
    """
    with subprocess.Popen(
        command_line(*args),
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        # Ctrl-C in a terminal reaches the whole process group, workers of xdist included.
        start_new_session=True,
        text=True,
    ) as process:
        try:
            wait_until(lambda: when(process.pid))
            family = processes_below(process.pid)
            os.killpg(process.pid, signal.SIGINT)
            output, _ = process.communicate(timeout=DEADLINE_S)
        finally:
            process.kill()
    assert process.returncode == pytest.ExitCode.INTERRUPTED, output
    wait_until(lambda: not any(map(is_running, family)))
    return output
