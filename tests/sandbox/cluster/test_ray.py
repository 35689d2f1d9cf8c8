"""A sandbox on a Ray cluster whose nodes join, are killed and are closed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait

import pytest

from pytest_humaneval.core.errors import SandboxError
from pytest_humaneval.core.ports import OpenedSandbox
from pytest_humaneval.core.records import Candidate, Limits
from pytest_humaneval.sandbox import open_sandbox
from tests.support.processes import judges, processes_below, wait_until
from tests.support.sandbox.sandboxes import RayNodes, needs_ray

pytestmark = needs_ray

TEST = "def check(candidate):\n    assert candidate(1) == 2\n"
RIGHT = Candidate("def f(n): return n + 1", "f", "", TEST)
SLOW = Candidate("import time\ndef f(n):\n    time.sleep(0.1)\n    return n + 1", "f", "", TEST)
ENDLESS = Candidate("import time\ndef f(n): time.sleep(1000)", "f", "", TEST)
DEADLINE_S = 120


@pytest.fixture
def sandbox(cluster: RayNodes) -> Iterator[OpenedSandbox]:  # noqa: ARG001 (RAY_ADDRESS names it)
    """A sandbox on the cluster, which has no node yet."""
    with open_sandbox(Limits(timeout_s=60), None, "ray") as opened:
        yield opened


def test_another_node_judges_the_candidates_of_a_lost_one(cluster: RayNodes, sandbox: OpenedSandbox) -> None:
    """A node killed in the middle of its work changes no verdict."""
    with cluster.added() as doomed, cluster.added(), ThreadPoolExecutor(64) as threads:
        verdicts = [threads.submit(sandbox.run, SLOW) for _ in range(64)]
        wait(verdicts, DEADLINE_S, FIRST_COMPLETED)
        cluster.lose(doomed)

        assert {verdict.result(DEADLINE_S).outcome.value for verdict in verdicts} == {"passed"}


def test_a_node_that_joins_later_takes_part(cluster: RayNodes, sandbox: OpenedSandbox) -> None:
    """Candidates wait for a cluster that is still growing."""
    with ThreadPoolExecutor(1) as threads:
        verdict = threads.submit(sandbox.run, RIGHT)
        with cluster.added():
            assert verdict.result(DEADLINE_S).outcome == "passed"


@pytest.mark.usefixtures("cluster")
def test_without_any_node_nothing_is_scored(monkeypatch: pytest.MonkeyPatch) -> None:
    """A candidate that no node ever takes has no verdict."""
    monkeypatch.setattr("pytest_humaneval.sandbox.cluster.ray.NO_NODE_TIMEOUT_S", 0)

    with open_sandbox(Limits(), None, "ray") as opened, pytest.raises(SandboxError, match="has had no node"):
        opened.run(RIGHT)


def test_closing_ends_candidates_on_all_nodes(cluster: RayNodes, sandbox: OpenedSandbox) -> None:
    """Closing does not wait for what runs, and leaves no process of the sandbox's."""
    others = judging()
    with cluster.added(), ThreadPoolExecutor(2) as threads:
        assert threads.submit(sandbox.run, RIGHT).result(DEADLINE_S).outcome == "passed"
        verdict = threads.submit(sandbox.run, ENDLESS)
        assert judging() - others
        sandbox.close()

        with pytest.raises(SandboxError, match="closed"):
            verdict.result(DEADLINE_S)
        wait_until(lambda: not judging() - others)


def judging() -> set[int]:
    """Return the processes below this one that belong to a sandbox."""
    return {pid for pid in processes_below(os.getpid()) if judges(pid)}
