"""Runs that end before their time: Ctrl-C, and workers that die."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest
from evaluating import Evaluate
from processes import processes_below
from stub_behaviour import Behaviour, canonical_answers
from stub_server import StubServer

from pytest_humaneval.core.dataset import read_problems
from pytest_humaneval.core.settings import Settings
from pytest_humaneval.plan import make_plan
from pytest_humaneval.store.kinds import open_store

MODES = [pytest.param((), id="plain"), pytest.param(("-n", "2"), id="n2")]
DEADLINE_S = 60.0

linux_only = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads the processes from /proc")


def wait_until(holds: Callable[[], bool]) -> None:
    """Wait for something that another process brings about."""
    deadline_s = time.monotonic() + DEADLINE_S
    while not holds():
        assert time.monotonic() < deadline_s, "it did not happen in time"
        time.sleep(0.02)


def is_running(pid: int) -> bool:
    """Whether the process is there and no zombie."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


def kept(folder: Path) -> int:
    """Return how many of the first eight completions the store in a folder holds."""
    plan = make_plan(Settings(folder, experiments=("fewshot_v1_chat",), max_problems=8))
    with closing(open_store(plan.settings.cache, folder)) as store:
        return len(store.get(plan.draws("fewshot_v1_chat", plan.problems)))


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Let Ctrl-C reach child processes also where the tests themselves ignore it, in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@linux_only
@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize("mode", MODES)
def test_ctrl_c_ends_promptly_and_loses_nothing(
    stub_server: Callable[[Behaviour], StubServer],
    pytester: pytest.Pytester,
    evaluate: Evaluate,
    mode: Sequence[str],
) -> None:
    """An interrupted run leaves no process behind, and what it had is not generated again."""
    model = Behaviour(answer=canonical_answers(read_problems()), faults=[None] * 5 + ["hang"] * 3)
    server = stub_server(model)
    asked = (
        "--humaneval-experiment=fewshot_v1_chat",
        f"--humaneval-base-url={server.base_url}",
        "--humaneval-tasks=0-7",
    )
    with subprocess.Popen(
        [sys.executable, "-m", "pytest", "-p", "no:hypothesispytest", *asked, *mode],
        cwd=pytester.path,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        process_group=0,
        text=True,
    ) as process:
        try:
            wait_until(lambda: len(server.log) == 8 and kept(pytester.path) == 5)
            family = processes_below(process.pid)
            os.killpg(process.pid, signal.SIGINT)
            output, _ = process.communicate(timeout=DEADLINE_S)
        finally:
            process.kill()

    assert process.returncode == pytest.ExitCode.INTERRUPTED, output
    assert "INTERNALERROR" not in output
    wait_until(lambda: not any(map(is_running, family)))
    model.faults.clear()
    assert evaluate(*asked, *mode).run["outcomes"] == {"passed": 8}
    assert len(server.log) == 8 + 3


def test_a_worker_that_dies_costs_no_verdict_but_its_own(
    pytester: pytest.Pytester, evaluate: Evaluate
) -> None:
    """The item of a dead worker has no verdict: an infra_error, so that a gate is undecided."""
    pytester.makeconftest(
        """
        import os, pytest

        @pytest.hookimpl(tryfirst=True)
        def pytest_runtest_setup(item):
            if "below_zero" in item.nodeid:
                os._exit(1)
        """
    )

    finished = evaluate(
        "--humaneval-experiment=canonical", "--humaneval-tasks=0-7", "-n", "2", "--humaneval-fail-under=0.1"
    )

    assert finished.status == 6
    assert finished.run["outcomes"] == {"passed": 7, "infra_error": 1}
    assert finished.verdicts["HumanEval/3"] == ["infra_error"]
