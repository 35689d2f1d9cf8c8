"""The figures after repair rounds."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from pytest_humaneval.core.config.repair import Repair
from pytest_humaneval.core.records import Outcome
from pytest_humaneval.core.results import ProblemResult, Sample
from pytest_humaneval.core.scoring.metrics import interval95
from pytest_humaneval.core.scoring.repaired import repair_figures
from pytest_humaneval.core.scoring.run import Run
from tests.support.records_made import run_of

PASSED, WRONG, LOST = Outcome.PASSED, Outcome.WRONG_ANSWER, Outcome.INFRA_ERROR


def sample(index: int, *attempts: tuple[Outcome, int]) -> Sample:
    """Return a sample: the outcome and the examples passed of its first answer, and of each later one."""
    made = [
        Sample(index, outcome, raw="text", examples=3, examples_passed=passed, prompt_tokens=10 * number + 1)
        for number, (outcome, passed) in enumerate(attempts)
    ]
    return replace(made[0], rounds=tuple(made[1:]))


def debugged(*problems: tuple[Sample, ...], rounds: int | None = 2) -> Run:
    """Return a run of these problems' samples, whose experiment has so many rounds."""
    run = run_of(ProblemResult(f"Test/{number}", "f", samples) for number, samples in enumerate(problems))
    repair = None if rounds is None else Repair(rounds)
    return replace(run, experiment=replace(run.experiment, repair=repair))


def test_the_figures_are_of_the_answers_that_pass_the_most_examples() -> None:
    """The first of them where several do; what was spent is of the later rounds alone."""
    run = debugged(
        (sample(0, (PASSED, 3)),),
        (sample(0, (WRONG, 1), (WRONG, 2), (PASSED, 3)),),
        (sample(0, (WRONG, 1), (PASSED, 1)),),
        (sample(0, (PASSED, 1), (WRONG, 2)),),
    )

    figures = repair_figures(run)

    assert figures is not None
    assert figures.scores == {"Test/0": 1, "Test/1": 1, "Test/2": 0, "Test/3": 0}
    assert (figures.gained, figures.lost) == (["Test/1"], ["Test/3"])
    assert figures.score == pytest.approx(0.5)
    assert figures.interval == interval95([(1, 1), (1, 1), (1, 0), (1, 0)])
    assert (figures.rounds, figures.requests, figures.prompt_tokens) == (2, 4, 11 + 21 + 11 + 11)
    assert run.scores == {"Test/0": 1, "Test/1": 0, "Test/2": 0, "Test/3": 1}


def test_a_problem_of_several_samples_has_their_share() -> None:
    """With n = 2, one sample of which the rounds turn is half a pass more, and a gain."""
    run = debugged((sample(0, (WRONG, 0), (PASSED, 3)), sample(1, (WRONG, 0))))

    figures = repair_figures(run)

    assert figures is not None
    assert (figures.scores, figures.gained) == ({"Test/0": Fraction(1, 2)}, ["Test/0"])


def test_there_are_none_where_nothing_was_asked_again() -> None:
    """Without rounds; of recorded samples without them, whatever is configured; and without any verdict."""
    first = (sample(0, (WRONG, 0)),)

    assert repair_figures(debugged(first, rounds=None)) is None
    assert repair_figures(replace(debugged(first), is_recorded=True)) is None
    assert repair_figures(debugged((sample(0, (LOST, 0), (PASSED, 3)),))) is None


def test_rounds_that_no_failure_needed_are_figures_too() -> None:
    """A run in which every example passed at once has its score after the rounds, for no request."""
    figures = repair_figures(debugged((sample(0, (PASSED, 3)),)))

    assert figures is not None
    assert (figures.score, figures.requests, figures.gained) == (1.0, 0, [])


def test_recorded_rounds_need_no_setting() -> None:
    """A samples file with rounds has figures by itself: of the most rounds that a sample had."""
    run = replace(debugged((sample(0, (WRONG, 0), (PASSED, 3)),), rounds=None), is_recorded=True)

    figures = repair_figures(run)

    assert figures is not None
    assert (figures.rounds, figures.score) == (1, 1.0)


def test_counting_keeps_no_texts() -> None:
    """What is kept in memory of each sample for its figures is without the texts of later rounds, too."""
    (result,) = debugged((sample(0, (WRONG, 0), (PASSED, 3)),)).results

    assert [attempt.raw for attempt in result.figures[0].rounds] == [None]
