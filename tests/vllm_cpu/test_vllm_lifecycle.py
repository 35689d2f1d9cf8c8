"""A real vLLM that a run starts and stops, and one that dies in the middle of a run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pytest_humaneval.server.lifecycle import serving
from pytest_humaneval.server.local import LocalService
from tests.support.engines import memoriser_server, needs_vllm
from tests.support.evaluating import Evaluate, Finished

pytestmark = [*needs_vllm, pytest.mark.usefixtures("vllm_small_footprint")]

EVEN = [f"HumanEval/{number}" for number in range(0, 40, 2)]
"""What the shipped model solves of the problems 0 to 39."""


def passed(finished: Finished) -> list[str]:
    """Return the problems that passed, in order."""
    return [task_id for task_id, outcomes in finished.verdicts.items() if outcomes == ["passed"]]


def test_a_server_killed_in_the_middle(pytester: pytest.Pytester, evaluate: Evaluate, tmp_path: Path) -> None:
    """No verdict is lost or invented, the gate is undecided, and the next run completes the rest."""
    service = LocalService(memoriser_server("doomed"), tmp_path)
    pytester.makeconftest(
        f"""
        import os, signal, pathlib

        def pytest_runtest_logreport(report):
            if "below_zero" in report.nodeid:
                os.killpg(int(pathlib.Path({str(service.pid_path)!r}).read_text()), signal.SIGKILL)
        """
    )
    (pytester.path / "experiments.toml").write_text(
        f"""
        [servers.doomed]
        base_url = "{service.server.base_url}"
        model = "{service.server.model}"
        concurrency = 4
        max_retries = 1
        [experiments.chat]
        server = "doomed"
        strategy = "fewshot_v1"
        """
    )
    flags = ("--humaneval-experiment=chat", "--humaneval-tasks=0-39", "--humaneval-fail-under=10%")
    with serving([service], lambda _text: None):
        broken = evaluate(*flags)
        outcomes = broken.verdicts
    pytester.makeconftest("")
    with serving([service], lambda _text: None):
        whole = evaluate(*flags)

    assert broken.status == 6, broken.text
    assert passed(whole) == EVEN
    known = {task_id: outcome for task_id, outcome in outcomes.items() if outcome != ["infra_error"]}
    assert 0 < len(known) < len(outcomes) == 40
    assert known.items() <= whole.verdicts.items()


def test_a_server_around_one_run(pytester: pytest.Pytester, evaluate: Evaluate) -> None:
    """--humaneval-serve starts what does not answer, and stops it at the end."""
    server = memoriser_server("around")
    (pytester.path / "experiments.toml").write_text(
        f"""
        [servers.around]
        base_url = "{server.base_url}"
        model = "{server.model}"
        serve_args = {list(server.serve_args)}
        [experiments.chat]
        server = "around"
        strategy = "fewshot_v1"
        """
    )

    finished = evaluate("--humaneval-experiment=chat", "--humaneval-tasks=0-3", "--humaneval-serve")
    status = [sys.executable, "-m", "pytest_humaneval.server", "status", "around"]
    done = subprocess.run(status, cwd=pytester.path, capture_output=True, text=True, check=False)

    assert passed(finished) == ["HumanEval/0", "HumanEval/2"], finished.text
    assert (done.returncode, done.stdout) == (3, "around: not running\n")
