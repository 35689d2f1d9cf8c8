"""Every two experiments compared: which pairs, and how much evidence they need."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pytest_humaneval.core.scoring.paired_matrix import ComparedPair, paired_matrices
from pytest_humaneval.core.scoring.run import Run
from tests.support.records_made import run_of


def pairs_of(*runs: Run) -> list[ComparedPair]:
    """Return the pairs of the only dataset."""
    (matrix,) = paired_matrices(runs)
    return list(matrix.pairs)


def test_each_two_are_compared_once_and_the_later_is_the_newer() -> None:
    """Three experiments are three pairs, each with its difference."""
    pairs = pairs_of(run_of("+---", "a"), run_of("++--", "b"), run_of("+++-", "c"))

    assert [(pair.newer, pair.older, pair.comparison.delta) for pair in pairs] == [
        ("b", "a", 0.25),
        ("c", "a", 0.5),
        ("c", "b", 0.25),
    ]


def test_more_experiments_ask_for_more_evidence() -> None:
    """A difference that is significant alone is marked no more where it is one of three (Holm)."""
    worse, better = run_of("-" * 6 + "+" * 9, "worse"), run_of("+" * 15, "better")
    other = run_of("-" * 6 + "+" * 8 + "-", "other")

    (alone,) = pairs_of(worse, better)
    among = pairs_of(worse, better, other)[0]

    assert alone.comparison.p_value == alone.adjusted_p == pytest.approx(2 / 2**6)
    assert alone.winner == "better"
    assert among.adjusted_p == pytest.approx(2 * 2 / 2**6)
    assert among.winner is None


def test_the_winner_may_be_the_older_one() -> None:
    """The sign of the difference decides, not the place in the list."""
    (pair,) = pairs_of(run_of("+" * 12, "older"), run_of("-" * 12, "newer"))

    assert pair.winner == "older"


@pytest.mark.parametrize("names", [("a", "b"), ("b", "a")])
def test_a_problem_without_a_verdict_on_either_side_is_left_out(names: tuple[str, str]) -> None:
    """Trouble of the harness counts for neither of the two, whichever of them it hit."""
    runs = [run_of(["++", "+?", "--"], "a"), run_of(["--", "--", "--"], "b")]

    (pair,) = pairs_of(*sorted(runs, key=lambda run: names.index(run.experiment.name)))

    assert (pair.comparison.compared, pair.comparison.unmatched) == (2, 1)
    assert abs(pair.comparison.delta) == 0.5


def test_experiments_on_different_datasets_are_apart() -> None:
    """They share no problem; an experiment without any verdict has no score to compare."""
    runs = [replace(run_of("+-", name), manifest={"dataset_sha256": sha}) for name, sha in ("ax", "bx", "cy")]

    (matrix,) = paired_matrices([*runs, replace(run_of("??", "d"), manifest={"dataset_sha256": "y"})])

    assert matrix.experiments == ("a", "b")


@pytest.mark.parametrize(("letters", "most"), [("+", 20), ("+-", 10)])
def test_too_many_experiments_are_not_compared(letters: str, most: int) -> None:
    """20 are 190 pairs; of several samples for each problem, which take long, 10 are 45."""
    runs = [run_of([letters], str(number)) for number in range(most + 1)]

    assert len(pairs_of(*runs[:-1])) == most * (most - 1) / 2
    (matrix,) = paired_matrices(runs)
    assert (matrix.pairs, matrix.most) == ((), most)
