"""Limits from the canonical solutions' times: how they follow, and that each solution is run once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from pytest_humaneval.core.problem import Problem
from pytest_humaneval.core.records import Candidate, Limits, Outcome, Verdict
from pytest_humaneval.evaluation.canonical_limits import CanonicalLimits
from tests.support.records_made import plus_problem, problem

AUTO = Limits().overridden("auto", None)


class TimedSandbox:
    """Says of each candidate that it took so long; the edge of the world for these tests."""

    def __init__(self, seconds: float, outcome: Outcome = Outcome.PASSED) -> None:
        self.given: list[Candidate] = []
        self._verdict = Verdict(outcome, seconds=seconds)

    def run(self, candidate: Candidate) -> Verdict:
        """Note it and answer."""
        self.given.append(candidate)
        return self._verdict

    def close(self) -> None:
        """Do nothing."""


@pytest.mark.parametrize(
    ("limits", "asked", "sandbox", "expected_s"),
    [
        pytest.param(AUTO, problem(0), TimedSandbox(0.001), 1.0, id="at-least-one-second"),
        pytest.param(AUTO, problem(0), TimedSandbox(0.1318), 1.4, id="ten-times-rounded-up"),
        pytest.param(AUTO, problem(0), TimedSandbox(9.0), 60.0, id="at-most-sixty"),
        pytest.param(AUTO, problem(0), TimedSandbox(1.0, Outcome.WRONG_ANSWER), 3.0, id="solution-is-wrong"),
        pytest.param(
            AUTO, replace(problem(0), canonical_solution=""), TimedSandbox(1.0), 3.0, id="no-solution"
        ),
        pytest.param(AUTO, plus_problem(0), TimedSandbox(1.0), None, id="cases-have-their-own"),
        pytest.param(Limits(), problem(0), TimedSandbox(1.0), None, id="not-asked-for"),
    ],
)
def test_a_limit_is_ten_times_what_the_canonical_solution_takes(
    limits: Limits, asked: Problem, sandbox: TimedSandbox, expected_s: float | None
) -> None:
    """From 1 to 60 s; the usual 3 s where nothing can be learnt from the solution."""
    assert CanonicalLimits(limits).of(asked, sandbox) == expected_s


def test_a_canonical_solution_is_run_once() -> None:
    """However many threads ask for its problem's limit; it has all the time that a candidate may get."""
    sandbox = TimedSandbox(0.2)
    limits = CanonicalLimits(AUTO)

    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda _: limits.of(problem(0), sandbox), range(50)))

    assert found == [2.0] * 50
    assert [candidate.least_timeout_s for candidate in sandbox.given] == [60.0]
