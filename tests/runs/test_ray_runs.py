"""Runs whose candidates are judged on a Ray cluster."""

from __future__ import annotations

import pytest

from tests.support.evaluating import Evaluate, completion, write_samples
from tests.support.interrupting import interrupted, linux_only
from tests.support.processes import judges, processes_below
from tests.support.sandbox.sandboxes import RayNodes, needs_ray

ENDLESS = "    import time\n    time.sleep(1000)\n"


@needs_ray
def test_a_run_on_a_cluster_gives_the_verdicts_of_a_run_here(
    cluster: RayNodes, evaluate: Evaluate, pytester: pytest.Pytester
) -> None:
    """A run on a cluster that is reached from outside has the verdicts of a run on this machine."""
    bodies = ("    return None\n", "    return (\n", "    return number % 1\n")
    rows = [completion(number, body) for number, body in enumerate(bodies)]
    samples = f"--humaneval-samples={write_samples(pytester.path / 'samples.jsonl', rows)}"

    with cluster.added():
        there = evaluate(samples, f"--humaneval-sandbox={cluster.client_address}")
    here = evaluate(samples)

    assert there.verdicts == here.verdicts
    assert there.run["outcomes"] == {"passed": 1, "wrong_answer": 1, "syntax_error": 1}


@needs_ray
@linux_only
@pytest.mark.usefixtures("interruptible", "quiet_ray")
def test_ctrl_c_ends_the_cluster_that_the_run_started(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An interrupted run leaves no process: neither its own, nor Ray's, nor the sandbox's."""
    monkeypatch.setenv("RAY_ADDRESS", "local")
    samples = write_samples(pytester.path / "samples.jsonl", [completion(0, ENDLESS)])
    flags = [f"--humaneval-samples={samples}", "--humaneval-sandbox=ray", "--humaneval-timeout=600"]

    interrupted(pytester.path, flags, lambda pid: any(map(judges, processes_below(pid))))


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ("docker", "there is no 'docker'; choose one of auto, forkserver, forkserver-numpy, oneshot, ray"),
        ("oneshot://here:1", "there is no 'oneshot://here:1'"),
        pytest.param("ray://127.0.0.1:1", "no Ray cluster at ray://127.0.0.1:1", marks=needs_ray),
    ],
)
def test_a_sandbox_that_does_not_exist_is_reported_in_one_line(
    evaluate: Evaluate, where: str, message: str
) -> None:
    """Nothing is run, and the exit status is that of a wrong usage."""
    finished = evaluate("--humaneval-experiment=canonical", f"--humaneval-sandbox={where}")

    assert finished.status == pytest.ExitCode.USAGE_ERROR
    assert message in finished.text
