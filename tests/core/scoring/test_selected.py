"""The figures of a choice among samples: what it came to, and how sure that is."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from pytest_humaneval.core.config.repair import Repair
from pytest_humaneval.core.results import ProblemResult
from pytest_humaneval.core.scoring.metrics import mcnemar_p, wilson95
from pytest_humaneval.core.scoring.run import Run
from pytest_humaneval.core.scoring.selected import SelectedFigures
from tests.support.records_made import run_of, selecting_run, tried


def figures_of(run: Run) -> SelectedFigures:
    """The figures of a run that chooses."""
    assert run.selected_figures is not None
    return run.selected_figures


def test_the_score_is_that_of_the_chosen_samples() -> None:
    """Beside it stand the mean of all samples, the first ones, and the best that could have been chosen."""
    figures = figures_of(selecting_run(["-1a +3b", "+3a -1b", "-3a +1b", "-2a -1b"]))

    assert figures.score == 0.5
    assert figures.scores == {"Test/0": 1, "Test/1": 1, "Test/2": 0, "Test/3": 0}
    assert figures.interval == wilson95(2, 4)
    assert (figures.one_sample, figures.first, figures.oracle) == (0.375, 0.25, 0.75)


def test_the_first_and_the_chosen_samples_are_paired() -> None:
    """The test is McNemar's, of the problems that changed."""
    figures = figures_of(selecting_run(["-1a +3b"] * 7 + ["+1a -3b", "+3a -1b"]))

    assert figures.gained == tuple(f"Test/{number}" for number in range(7))
    assert figures.lost == ("Test/7",)
    assert figures.difference is not None
    assert figures.difference.test == "McNemar"
    assert figures.difference.p_value == mcnemar_p(7, 1)


def test_a_score_says_among_how_many_was_chosen() -> None:
    """It is no pass@1; problems with fewer samples are named, and one with a single sample counts with it."""
    assert figures_of(selecting_run(["+3a -1b", "-1a +3b"])).name == "selected@1 of 2"
    uneven = figures_of(selecting_run(["-1a +3b -1a", "+1a", "-0a"]))
    assert (uneven.name, uneven.oracle_name) == ("selected@1 of 1 to 3", "oracle")
    assert uneven.scores == {"Test/0": 1, "Test/1": 1, "Test/2": 0}


@pytest.mark.parametrize(
    "run",
    [run_of(["+-", "-+"]), selecting_run(["+3a", "-1a"]), selecting_run(["?3a ?1a"])],
    ids=["no-way", "one-sample", "lost"],
)
def test_without_a_choice_there_is_no_such_score(run: Run) -> None:
    """Without a way, with one sample of each problem, and where nothing has a verdict."""
    assert run.selected_figures is None
    assert run.curve is None


def test_a_chosen_sample_without_a_verdict_leaves_the_score_between_bounds() -> None:
    """It counts as failed in the score, as in pass@1, and is in no pair of the test."""
    figures = figures_of(selecting_run(["?3a +1b", "+3a -1b"]))

    assert (figures.score, figures.undecided, figures.bounds) == (0.5, 1, (0.5, 1.0))
    assert figures.scores["Test/0"] is None
    assert figures_of(selecting_run(["?0a +3b", "+3a -1b"])).gained == ()
    assert (figures.gained, figures.lost) == ((), ())


def test_a_lost_sample_that_was_not_chosen_leaves_the_score_between_bounds() -> None:
    """With its verdict, that one might have been chosen."""
    figures = figures_of(selecting_run(["+3a ?0b", "-3a +1b"]))

    assert figures.score == 0.5
    assert (figures.undecided, figures.bounds) == (1, (0.0, 0.5))
    assert figures.settled_scores == {"Test/0": None, "Test/1": 0}


def test_a_problem_whose_choice_is_missing_is_undecided() -> None:
    """As after a worker was lost: it is never counted with a sample that nobody chose."""
    lost = ProblemResult("Test/1", "f", tried(1, "+3a +3a").samples)
    run = selecting_run(["+3a -1b"])
    figures = figures_of(replace(run, results=(*run.results, lost), selected=2))

    assert figures.scores == {"Test/0": Fraction(1), "Test/1": None}
    assert figures.undecided == 1


def test_problems_without_examples_are_counted() -> None:
    """Their samples are told apart by nothing of the prompt."""
    silent = tried(1, "-0a +0a")
    silent = replace(silent, samples=tuple(replace(each, examples=0) for each in silent.samples))
    run = selecting_run(["+3a -1b"])

    assert figures_of(replace(run, results=(*run.results, silent), selected=2)).without_examples == 1


def test_what_was_spent_is_all_that_was_drawn() -> None:
    """Every sample, and every round of repair, with the tokens of each."""
    run = selecting_run(["+3a -1b", "-1a +3b"])
    first = run.results[0]
    repaired = replace(first.samples[1], rounds=(tried(0, "+3c").samples[0],))
    run = replace(run, results=(replace(first, samples=(first.samples[0], repaired)), run.results[1]))
    figures = figures_of(run)

    assert (figures.samples, figures.prompt_tokens, figures.completion_tokens) == (5, 50, 25)


def test_after_repair_the_choice_is_among_what_was_kept() -> None:
    """The name says that there were rounds; the oracle and one sample are of the same attempts."""
    run = selecting_run(["-1a -2b"])
    first, second = run.results[0].samples
    mended = replace(second, rounds=(tried(0, "+3c").samples[0],))
    result = replace(run.results[0], samples=(first, mended), selected=1)
    run = replace(run, results=(result,), experiment=replace(run.experiment, repair=Repair(2)))
    figures = figures_of(run)

    assert figures.name == "selected@1 of 2 after 2 repair rounds"
    assert (figures.score, figures.oracle, figures.one_sample) == (1.0, 1.0, 0.5)
    assert run.pass_at[1] == 0.0


def test_the_base_tests_have_a_score_of_the_chosen_samples_too() -> None:
    """A sample that fails a plus test alone passed by the base tests."""
    figures = figures_of(selecting_run(["b3a -1b", "+3a -1b"]))

    assert (figures.score, figures.base_score) == (0.5, 1.0)
