"""Runs that end before their time: Ctrl-C, and workers that die."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from pytest_humaneval.core.config.settings import Settings
from pytest_humaneval.core.dataset import read_problems
from pytest_humaneval.evaluation.planning import make_plan
from pytest_humaneval.store.open_store import open_store
from tests.support.evaluating import Evaluate
from tests.support.processes import DEADLINE_S, is_running, processes_below, wait_until
from tests.support.stub_behaviour import Behaviour, canonical_answers
from tests.support.stub_server import StubServer

MODES = [pytest.param((), id="plain"), pytest.param(("-n", "2"), id="n2")]

linux_only = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="reads the processes from /proc")


def kept(folder: Path) -> int:
    """Return how many of the first eight completions the store in a folder holds."""
    plan = make_plan(Settings(folder, experiments=("fewshot_v1_chat",), max_problems=8))
    with closing(open_store(plan.settings.cache, folder)) as store:
        return len(store.get(plan.draws("fewshot_v1_chat", plan.problems)))


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
