"""Runs that end before their time: Ctrl-C, and workers that die."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.support.eight_problems import eight_problems, solving_model, stored_completions
from tests.support.evaluating import PLAIN_AND_WORKERS, Evaluate
from tests.support.interrupting import interrupted, linux_only
from tests.support.serving import StartServer


@linux_only
@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize("mode", PLAIN_AND_WORKERS)
def test_ctrl_c_ends_promptly_and_loses_nothing(
    stub_server: StartServer,
    pytester: pytest.Pytester,
    evaluate: Evaluate,
    mode: Sequence[str],
) -> None:
    """An interrupted run leaves no process, and the completions that it had are not generated again."""
    server = stub_server(model := solving_model(*[None] * 5, *["hang"] * 3))
    flags = (*eight_problems(server.base_url), *mode)

    output = interrupted(
        pytester.path,
        flags,
        lambda _: len(server.log) == 8 and stored_completions(pytester.path) == 5,
    )

    assert "INTERNALERROR" not in output
    model.faults.clear()
    assert evaluate(*flags).run["outcomes"] == {"passed": 8}
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
