"""The adversarial corpus: candidates that lie, hang, eat and harm, and honest ones that look suspicious."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ADVERSARY = Path(__file__).with_name("adversary.py")
CASES: list[dict[str, Any]] = [
    json.loads(line) for line in ADVERSARY.with_name("adversarial.jsonl").read_text("utf-8").splitlines()
]
JAIL = ("unshare", "--pid", "--fork", "--mount-proc", "--kill-child")
USER_JAIL = ("unshare", "--user", "--map-current-user", *JAIL[1:])
DANGERS = ("low", "bounded", "jail")

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="jails need Linux namespaces")


@cache
def jail() -> tuple[str, ...] | None:
    """Return the command line of a jail that this user may build, in which even the worst can hurt nobody."""
    command = JAIL if os.geteuid() == 0 else USER_JAIL
    if not shutil.which("unshare"):
        return None
    return (
        command
        if subprocess.run([*command, "true"], capture_output=True, check=False).returncode == 0
        else None
    )


@cache
def faults(isolation: str) -> dict[str, list[str]]:
    """Return what is wrong about each case, judged inside a jail."""
    command = jail()
    if command is None:
        pytest.skip("no namespace jail can be built here, and these candidates run nowhere else")
    program = [*command, sys.executable, str(ADVERSARY), isolation, *DANGERS]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run(program, env=environment, capture_output=True, text=True, timeout=150, check=False)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


@pytest.mark.parametrize("isolation", ["auto", "open"])
@pytest.mark.parametrize("case", [pytest.param(case["id"], id=case["id"]) for case in CASES])
def test_is_judged_rightly_in_time_and_harms_nothing(case: str, isolation: str) -> None:
    """The verdict is right, comes in time and tells no secret, and the next candidate is judged rightly.

    With namespaces, and without: then Landlock, seccomp and a user of the candidate's own have to do.
    """
    assert faults(isolation)[case] == []


@pytest.mark.parametrize("isolation", ["auto", "open"])
def test_the_host_is_as_it_was(isolation: str) -> None:
    """Files, listeners, processes and shared folders are untouched after the whole corpus."""
    assert faults(isolation)["host"] == []
