"""The adversarial corpus: candidates that forge, hang, hoard or harm, and honest ones that look like it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from tests.support.sandbox import adversary

ADVERSARY = Path(adversary.__file__)
CASES = adversary.cases()
JAIL = ("unshare", "--pid", "--fork", "--mount-proc", "--kill-child")
USER_JAIL = ("unshare", "--user", "--map-current-user", *JAIL[1:])
DANGERS = ("low", "bounded", "jail")

Faults = Callable[[str], dict[str, list[str]]]

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="jails need Linux namespaces")


@cache
def jail() -> tuple[str, ...] | None:
    """Return the command line of namespaces that this user may make, in which an escape harms nothing."""
    command = JAIL if os.geteuid() == 0 else USER_JAIL
    if not shutil.which("unshare"):
        return None
    return (
        command
        if subprocess.run([*command, "true"], capture_output=True, check=False).returncode == 0
        else None
    )


@pytest.fixture(scope="session")
def faults(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Faults:
    """Return a function from an isolation to the faults of each case; test processes share its results."""
    if jail() is None:
        pytest.skip("no namespace jail can be made here, and these candidates run nowhere else")
    shared = tmp_path_factory.getbasetemp()
    shared = shared if worker_id == "master" else shared.parent

    @cache
    def found(isolation: str) -> dict[str, list[str]]:
        result = shared / f"adversary-{isolation}.json"
        try:
            (shared / f"adversary-{isolation}.started").touch(exist_ok=False)
        except FileExistsError:
            deadline = time.monotonic() + 200
            while not result.exists() and time.monotonic() < deadline:
                threading.Event().wait(0.1)
        else:
            unfinished = result.with_suffix(".part")
            unfinished.write_text(_run(isolation))
            unfinished.rename(result)
        return dict(json.loads(result.read_text()))

    return found


def _run(isolation: str) -> str:
    program = [*(jail() or ()), sys.executable, str(ADVERSARY), isolation, *DANGERS]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run(program, env=environment, capture_output=True, text=True, timeout=180, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("isolation", ["auto", "open"])
@pytest.mark.parametrize("case", [pytest.param(case["id"], id=case["id"]) for case in CASES])
def test_is_judged_rightly_in_time_and_harms_nothing(faults: Faults, case: str, isolation: str) -> None:
    """The verdict is right, comes in time and holds no secret, and the next candidate is judged rightly.

    With namespaces, and without: then Landlock, seccomp and a user of the candidate's own have to do.
    """
    assert faults(isolation)[case] == []


@pytest.mark.parametrize("isolation", ["auto", "open"])
def test_the_host_is_as_it_was(faults: Faults, isolation: str) -> None:
    """Files, listeners, processes and shared folders are untouched after the whole corpus."""
    assert faults(isolation)["host"] == []
