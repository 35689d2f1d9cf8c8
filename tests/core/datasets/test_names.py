"""What problems are called: beside those of other datasets, and in the dataset they come from."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pytest_humaneval.core.config.adapter_card import AdapterCard
from pytest_humaneval.core.datasets import Dataset
from pytest_humaneval.core.datasets.origin import number, origin
from pytest_humaneval.core.problem import Problem
from tests.support.records_made import problem


def called(task_id: str, buggy: str = "") -> Problem:
    """Return a problem with this id."""
    return replace(problem(0), task_id=task_id, buggy=buggy)


@pytest.mark.parametrize(
    ("name", "task_id", "expected"),
    [
        ("humaneval", "HumanEval/0", "HumanEval/0"),
        ("humaneval+", "HumanEval/0", "humaneval+:HumanEval/0"),
        ("mbpp", "Mbpp/2", "Mbpp/2"),
        ("mbpp+", "Mbpp/2", "mbpp+:Mbpp/2"),
        ("my problems (new)", "7", "my_problems__new_:7"),
    ],
)
def test_a_label_says_the_dataset_where_the_id_does_not(name: str, task_id: str, expected: str) -> None:
    """Two experiments on HumanEval and HumanEval+ are told apart, in characters that ``-k`` takes."""
    assert Dataset(Path("d"), "0" * 64, (), name).label(task_id) == expected


@pytest.mark.parametrize(
    ("row", "expected", "its_number"),
    [
        (called("HumanEval/17"), "HumanEval/17", 17),
        (called("Mbpp/2"), "Mbpp/2", 2),
        (called("Python/17", "    return 1\n"), "HumanEval/17", 17),
        (called("Python/17"), "Python/17", 17),
        (called("SingleLineInfilling/HumanEval/17/L0"), "HumanEval/17", 17),
        (called("RandomSpanInfillingLight/HumanEval/17/1"), "HumanEval/17", 17),
        (called("sorting"), "sorting", None),
        (called("7"), "7", 7),
    ],
)
def test_problems_made_of_another_dataset_s_are_known(
    row: Problem, expected: str, its_number: int | None
) -> None:
    """HumanEval+, HumanEvalFix and infilling have HumanEval's problems, by the number in their ids."""
    assert (origin(row), number(row.task_id)) == (expected, its_number)


@pytest.mark.parametrize(
    ("row", "may_be_scored"),
    [
        (called("HumanEval/1"), False),
        (called("HumanEval/2"), True),
        (called("HumanEval/9"), False),
        (called("Python/1", "    return 1\n"), False),
        (called("Python/2", "    return 1\n"), True),
        (called("SingleLineInfilling/HumanEval/1/L0"), False),
        (called("SingleLineInfilling/HumanEval/2/L0"), True),
        (called("Mbpp/1"), True),
    ],
)
def test_training_on_humaneval_spoils_its_problems_in_every_dataset(
    row: Problem, may_be_scored: bool
) -> None:
    """What was held out may be scored, in HumanEval's own and in other forms; MBPP was never seen."""
    card = AdapterCard("prompt", "m", None, "0", "1", "2", ("HumanEval/1",), ("HumanEval/2",))

    assert card.may_score(row) is may_be_scored


def test_training_on_a_file_of_one_s_own_spoils_nothing() -> None:
    """Its rows are no problems of a dataset, so that the card has no ids."""
    card = AdapterCard("prompt", "m", None, "0", "1", "2")

    assert card.may_score(called("HumanEval/1"))
