"""Honest candidates keep their verdicts beside and after attackers of every kind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.sandbox import neighbours
from tests.support.sandbox.jails import command

PROGRAM = Path(neighbours.__file__)
CANDIDATES = 300
SEEDS = {"user-namespaces": 1, "user-open": 2}


@pytest.mark.parametrize("mode", SEEDS)
def test_no_honest_verdict_is_changed_by_a_neighbour(mode: str) -> None:
    """Right ones pass and wrong ones fail as they do alone, whatever is judged before or beside them.

    ``benchmarks/sandbox_neighbours.py`` does the same with ten thousand.
    """
    jail = command(mode)
    if jail is None:
        pytest.skip("no namespace jail can be made here, and saboteurs run nowhere else")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    program = [*jail, sys.executable, str(PROGRAM), mode, str(CANDIDATES), str(SEEDS[mode])]

    done = subprocess.run(program, env=environment, capture_output=True, text=True, timeout=300, check=False)

    assert done.returncode == 0, done.stderr
    count = json.loads(done.stdout)
    assert count["changed"] == []
    assert count["honest"] > CANDIDATES / 2
    assert count["saboteurs"] > CANDIDATES / 10
