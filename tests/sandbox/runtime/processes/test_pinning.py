"""Processes that take turns are pinned to one core, and freed regularly."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from pytest_humaneval.sandbox.runtime.processes.pinning import TURNS, Pinning

if not hasattr(os, "sched_setaffinity"):
    pytest.skip("no process can be kept on a core here", allow_module_level=True)


@pytest.fixture
def companion() -> Iterator[int]:
    """Another process; this one's allowed cores are restored afterwards."""
    allowed = os.sched_getaffinity(0)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        yield process.pid
        process.kill()
    os.sched_setaffinity(0, allowed)


def test_both_stay_on_one_core_for_most_turns_and_are_free_in_between(companion: int) -> None:
    """They are on the same core when they are on one, and on all those allowed once in so many turns."""
    allowed = os.sched_getaffinity(0)
    pinning = Pinning([companion])
    seen = []
    for _ in range(2 * TURNS):
        pinning.next_turn()
        seen.append((os.sched_getaffinity(0), os.sched_getaffinity(companion)))

    assert all(ours == theirs for ours, theirs in seen)
    # On a machine of one core, pinned and free look the same.
    free = [0, TURNS] if len(allowed) > 1 else []
    assert [index for index, (ours, _) in enumerate(seen) if ours == allowed and len(ours) > 1] == free
    assert all(len(ours) == 1 for index, (ours, _) in enumerate(seen) if index % TURNS)


def test_a_process_without_companions_is_left_alone() -> None:
    """Nothing is gained by keeping one process on a core."""
    allowed = os.sched_getaffinity(0)
    pinning = Pinning([])
    for _ in range(3):
        pinning.next_turn()

    assert os.sched_getaffinity(0) == allowed
