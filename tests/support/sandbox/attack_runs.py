"""Run attacks in jails, mode by mode, once for all test processes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import zlib
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.support.sandbox.attack_cases import Case, case_of
from tests.support.sandbox.jails import command, is_possible

PROGRAM = Path(__file__).with_name("attacks.py")
# The environment variable that, set to "all", has each attack run in each of its modes.
ALL_MODES = "HUMANEVAL_ATTACKS"
RUN_TIMEOUT_S = 1_500

Faults = Callable[[str], dict[str, list[str]]]


def modes_of(case: Case) -> Iterable[str]:
    """Return the modes to run an attack in: one of those possible here, which its name decides, or all."""
    if os.environ.get(ALL_MODES) == "all":
        return case.modes
    possible = list(filter(is_possible, case.modes)) or case.modes
    return [possible[zlib.crc32(case.id.encode()) % len(possible)]]


def chosen_pairs(cases: list[Case]) -> list[Any]:
    """Return the parameters of a test: each attack with each mode that it is to run in."""
    return [pytest.param(case.id, mode, id=f"{case.id}-{mode}") for case in cases for mode in modes_of(case)]


def shared_runs(rows: list[dict[str, Any]], folder: Path, name: str) -> Faults:
    """Return a function from a mode to the faults of each attack; a mode is run once, by its first caller.

    Args:
        rows: all attacks of a corpus.
        folder: one that all test processes of a run share.
        name: of the corpus.
    """

    @cache
    def found(mode: str) -> dict[str, list[str]]:
        if command(mode) is None:
            pytest.skip(f"no jail for {mode} can be made here, and attacks run nowhere else")
        result = folder / f"{name}-{mode}.json"
        try:
            result.with_suffix(".started").touch(exist_ok=False)
        except FileExistsError:
            return _awaited(result)
        chosen = [json.dumps(row) for row in rows if mode in modes_of(case_of(row))]
        unfinished = result.with_suffix(".part")
        unfinished.write_text(_run(mode, "\n".join(chosen)))
        unfinished.rename(result)
        return _awaited(result)

    return found


def _awaited(result: Path) -> dict[str, list[str]]:
    deadline = time.monotonic() + RUN_TIMEOUT_S
    while not result.exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    return dict(json.loads(result.read_text()))


def _run(mode: str, corpus: str) -> str:
    program = [*(command(mode) or ()), sys.executable, str(PROGRAM), mode]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run(
        program,
        input=corpus,
        env=environment,
        capture_output=True,
        text=True,
        timeout=RUN_TIMEOUT_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
