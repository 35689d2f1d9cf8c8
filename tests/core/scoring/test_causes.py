"""Missing verdicts grouped by cause."""

from __future__ import annotations

from pytest_humaneval.core.records import Outcome
from pytest_humaneval.core.results import ProblemResult, Sample
from pytest_humaneval.core.scoring.causes import Cause, causes
from pytest_humaneval.core.scoring.run import Run
from tests.support.records_made import run_of


def failing(*messages: str, raw: str | None = None) -> Run:
    """Return a run with a sample without a verdict for each message."""
    samples = [Sample(0, Outcome.INFRA_ERROR, raw, message=message) for message in messages]
    return run_of([ProblemResult(f"Test/{i}", "f", (sample,)) for i, sample in enumerate(samples)])


def test_a_run_with_all_verdicts_has_no_causes() -> None:
    """Wrong answers have none."""
    assert causes(run_of("+-")) == []


def test_failures_that_differ_in_attempts_and_ids_have_one_cause() -> None:
    """Attempts, request ids and times vary between failures of the same kind."""
    run = failing(
        "HTTP 429: try again in 1.2s (req_a81f) (after 3 attempts)",
        "HTTP 429: try again in 17s (req_b0c2) (after 11 attempts)",
    )

    assert causes(run) == [Cause("HTTP 429: try again in 1.2s (req_a81f)", 2, is_request=True)]


def test_different_statuses_are_different_causes_the_most_frequent_first() -> None:
    """Though their texts are alike."""
    found = causes(failing("HTTP 401: no", "HTTP 403: no", "HTTP 403: no"))

    assert [(cause.message, cause.count) for cause in found] == [("HTTP 403: no", 2), ("HTTP 401: no", 1)]


def test_trouble_after_the_completion_is_no_failed_request() -> None:
    """The sandbox had the answer and could not judge it."""
    (cause,) = causes(failing("no process can be started", raw="text"))

    assert not cause.is_request


def test_lost_workers_are_one_cause() -> None:
    """The item on which a worker of pytest-xdist died is not part of it."""
    run = failing(
        "worker 'gw0' crashed while running 'humaneval::test_problem[e-HumanEval/0-f]'",
        "worker 'gw1' crashed while running 'humaneval::test_problem[e-HumanEval/9-g]'",
    )

    assert causes(run) == [Cause("a worker of pytest-xdist crashed", 2, is_request=False)]
