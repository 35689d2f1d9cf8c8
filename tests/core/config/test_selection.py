"""Selecting problems."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_humaneval.core.config.selection import select, select_each
from pytest_humaneval.core.errors import ConfigError
from tests.support.records_made import problem

PROBLEMS = [problem(number, entry_point) for number, entry_point in enumerate(["add", "sort", "add", "pop"])]


def numbers(spec: str | None, max_problems: int | None = None) -> list[int]:
    """Return the numbers of the selected problems."""
    return [PROBLEMS.index(found) for found in select(PROBLEMS, spec, max_problems)]


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        pytest.param(None, [0, 1, 2, 3], id="all"),
        pytest.param("1", [1], id="number"),
        pytest.param("1-2", [1, 2], id="range"),
        pytest.param("Test/3", [3], id="task-id"),
        pytest.param("sort", [1], id="entry-point"),
        pytest.param("add", [0, 2], id="entry-point-of-several"),
        pytest.param("3, 0-1,,1", [0, 1, 3], id="list-in-the-order-of-the-dataset"),
    ],
)
def test_a_spec_selects_exactly_what_it_names(spec: str | None, expected: list[int]) -> None:
    """Numbers, ranges, ids and names, alone or as a list; each problem once, in the dataset's order."""
    assert numbers(spec) == expected


def test_a_number_is_the_whole_number() -> None:
    """1 is Test/1, not also Test/10 or Test/11."""
    many = [problem(number) for number in range(12)]

    assert select(many, "1", None) == (many[1],)


@pytest.mark.parametrize(("spec", "expected"), [(None, [0, 1]), ("1-3", [1, 2]), ("3", [3])])
def test_max_problems_takes_the_first_of_what_is_selected(spec: str | None, expected: list[int]) -> None:
    """The limit counts selected problems, not all."""
    assert numbers(spec, 2) == expected


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        pytest.param("srot", "no problem is called 'srot'; did you mean 'sort'?", id="typing-error"),
        pytest.param("Test/33", "did you mean 'Test/3'?", id="closest-id"),
        pytest.param("4", "no problem is called '4'; the ids go from Test/0 to Test/3", id="beyond"),
        pytest.param("3-1", "no problem is called '3-1'", id="range-backwards"),
        pytest.param("1,nothing_such", "no problem is called 'nothing_such'", id="one-of-a-list"),
        pytest.param(" , ", "names no problem; write for example 0-9,32", id="nothing"),
        pytest.param("9" * 5_000, "no problem is called '999", id="huge"),
        pytest.param(f"1-{'9' * 5_000}", "no problem is called '1-999", id="range-to-a-huge-number"),
    ],
)
def test_a_part_that_names_nothing_is_reported(spec: str, message: str) -> None:
    """A mistake in one part is not passed over for the sake of the others."""
    with pytest.raises(ConfigError) as caught:
        numbers(spec)

    assert message in str(caught.value)
    assert str(caught.value).startswith("--humaneval-tasks: ")


@given(st.text())
def test_any_text_selects_problems_or_is_refused(spec: str) -> None:
    """There is no text that does anything else."""
    with suppress(ConfigError):
        assert numbers(spec)


MBPP = [replace(problem(number, f"f{number}"), task_id=f"Mbpp/{number}") for number in (2, 3, 17)]
GAPS = [
    replace(problem(0, name), task_id=f"SingleLineInfilling/HumanEval/{task}/L{line}")
    for task, line, name in ((0, 0, "close"), (0, 1, "close"), (1, 0, "split"))
]


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        pytest.param(None, [[0, 1, 2, 3], [0, 1, 2], [0, 1, 2]], id="all"),
        pytest.param("3", [[3], [1], []], id="a-number-in-each"),
        pytest.param("0-1", [[0, 1], [], [0, 1, 2]], id="a-range-in-each"),
        pytest.param("2-17", [[2, 3], [0, 1, 2], []], id="a-range-that-fits-one-of-them"),
        pytest.param("Mbpp/2", [[], [0], []], id="an-id-of-one"),
        pytest.param("Test/0,Mbpp/17", [[0], [2], []], id="an-id-of-each"),
        pytest.param("SingleLineInfilling/HumanEval/0/L1", [[], [], [1]], id="an-id-without-a-number"),
        pytest.param("close,f3", [[], [1], [0, 1]], id="names"),
    ],
)
def test_of_several_datasets_each_has_what_a_spec_names_in_it(
    spec: str | None, expected: list[list[int]]
) -> None:
    """What is in one of them only is no mistake; the others have no problem of it."""
    datasets = {"one": PROBLEMS, "two": MBPP, "three": GAPS}

    found = select_each(datasets, spec, None)

    assert [[datasets[name].index(each) for each in found[name]] for name in datasets] == expected


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        (
            "Mbpp/2,nothing_such",
            "no problem is called 'nothing_such'; the ids go from Test/0 to Test/3, and from",
        ),
        ("Mbpp/22", "did you mean 'Mbpp/2'?"),
        ("2-18", "'2-18' goes beyond the last problem, 17; write 2-17"),
    ],
)
def test_what_no_dataset_has_is_reported(spec: str, message: str) -> None:
    """Once, with what there is in all of them."""
    with pytest.raises(ConfigError) as caught:
        select_each({"one": PROBLEMS, "again": PROBLEMS, "two": MBPP}, spec, None)

    assert message in str(caught.value)
    assert str(caught.value).count("Test/0 to Test/3") <= 1
