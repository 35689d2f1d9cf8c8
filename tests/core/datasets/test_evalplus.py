"""Rows of EvalPlus: inputs become cases, with the types and the rules that evalplus gives them."""

from __future__ import annotations

import marshal
from pathlib import Path
from typing import Any

import pytest

from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.core.problem import Cases
from tests.support.dataset_rows import EVALPLUS, HUMANEVAL, arguments, read_one


def cases(folder: Path, **changed: object) -> Cases:
    """Return the cases of a row with these fields changed."""
    found = read_one(folder, EVALPLUS, **changed).cases
    assert found is not None
    return found


def restored(folder: Path, number: int, given: list[Any]) -> list[Any]:
    """Return the arguments of the only case of a problem of MBPP+."""
    found = cases(folder, task_id=f"Mbpp/{number}", base_input=[given], plus_input={})
    (found_arguments,) = arguments(found.base)
    assert isinstance(found_arguments, list)
    return found_arguments


def test_the_inputs_are_the_test_whatever_else_a_row_has(tmp_path: Path) -> None:
    """HumanEval+ has HumanEval's own test, too: a file is never judged by that alone."""
    problem = read_one(tmp_path, EVALPLUS, test=HUMANEVAL["test"], contract="assert x", assertion="assert y")

    assert problem.test == ""
    assert problem.has_base_tests
    assert problem.cases == Cases(
        "def double(x):\n    return 2 * x\n", marshal.dumps([[1], [2]], 2), marshal.dumps([[3]], 2)
    )


@pytest.mark.parametrize("nothing", [{}, [], None])
def test_a_problem_may_have_base_cases_only(tmp_path: Path, nothing: object) -> None:
    """MBPP+ writes an object for no inputs."""
    assert cases(tmp_path, plus_input=nothing).plus == b""


@pytest.mark.parametrize(
    ("task_id", "entry_point", "rule"),
    [
        ("HumanEval/32", "find_zero", "root"),
        ("HumanEval/0", "similar_elements", "equal"),
        ("Own/0", "find_zero", "equal"),
        ("Mbpp/32", "find_zero", "equal"),
        ("Mbpp/2", "similar_elements", "set"),
        ("Mbpp/7", "find_char_long", "set"),
        ("Mbpp/111", "common_in_nested_lists", "set"),
        ("Mbpp/140", "extract_singly", "set"),
        ("Mbpp/232", "larg_nnum", "set"),
        ("Mbpp/249", "intersection_array", "set"),
        ("Mbpp/579", "find_dissimilar", "set"),
        ("Mbpp/769", "Diff", "set"),
        ("Mbpp/434", "text_match_three", "not_none"),
        ("Mbpp/454", "check_str", "not_none"),
        ("Mbpp/786", "text_starta_endb", "not_none"),
        ("Mbpp/164", "are_equivalent", "anything"),
        ("Mbpp/295", "sum_div", "zero"),
        ("Mbpp/581", "surface_Area", "surface_area"),
        ("Mbpp/558", "digit_distance_nums", "digit_distance"),
    ],
)
def test_a_problem_has_the_rule_that_evalplus_has_for_it(
    tmp_path: Path, task_id: str, entry_point: str, rule: str
) -> None:
    """By the dataset and the entry point."""
    inputs = {"base_input": [[[1]]], "plus_input": []}

    assert cases(tmp_path, task_id=task_id, entry_point=entry_point, **inputs).rule == rule


def test_the_tolerance_is_the_row_s(tmp_path: Path) -> None:
    """Absolute."""
    assert cases(tmp_path, atol=1e-6).atol == 1e-6


@pytest.mark.parametrize(
    ("number", "given", "expected"),
    [
        (2, [[1, 2], [3]], [(1, 2), (3,)]),
        (63, [[[1, 2], [3]]], [[(1, 2), (3,)]]),
        (75, [[[1, 2]], [3]], [[(1, 2)], [3]]),
        (106, [[1], [2, 3]], [[1], (2, 3)]),
        (115, [[[1, 1], []]], [[{1}, {}]]),
        (124, ["1", "2j"], [1.0, 2j]),
        (250, [[1], [2]], [(1,), [2]]),
        (252, ["1+2j"], [1 + 2j]),
        (259, [[[1], [2]], [[3]]], [((1,), (2,)), ((3,),)]),
        (278, [[1, [2]]], [(1, (2,))]),
        (307, [[1], 2, [3]], [(1,), 2, [3]]),
        (580, [[1, [2, [3]]]], [(1, (2, (3,)))]),
        (722, [{"a": [1, 2]}, 3, [4]], [{"a": (1, 2)}, 3, [4]]),
        (3, [[1], [[2]]], [[1], [[2]]]),
    ],
)
def test_the_types_that_json_has_lost_are_restored(
    tmp_path: Path, number: int, given: list[Any], expected: list[Any]
) -> None:
    """For the problems of MBPP+ for which evalplus does it, and no other."""
    assert repr(restored(tmp_path, number, given)) == repr(expected)


def test_lists_of_humaneval_stay_lists(tmp_path: Path) -> None:
    """Its problem 2 is not MBPP's."""
    found = cases(tmp_path, task_id="HumanEval/2", base_input=[[[1]]])

    assert arguments(found.base) == [[[1]]]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"base_input": []}, "field 'base_input' must be a list of lists of arguments, found none"),
        (
            {"base_input": {"a": 1}},
            "field 'base_input' must be a list of lists of arguments, found dict; the",
        ),
        ({"plus_input": [[1], 2]}, r"plus_input\[1\]: found int, expected a list of arguments"),
        ({"atol": "1e-6"}, "field 'atol': found '1e-6', expected a number of at least 0"),
        ({"atol": -1}, "field 'atol': found -1, expected a number of at least 0"),
        ({"atol": float("nan")}, "field 'atol': found nan, expected a number of at least 0"),
        ({"canonical_solution": 1}, "field 'canonical_solution' must be text, found int; the fields are "),
        ({"task_id": "Mbpp/2"}, "field 'base_input' has not the types of Mbpp/2 of MBPP+"),
        ({"suffix": "x"}, "field 'suffix' is what follows the gap"),
        ({"hidden_tests": "x"}, "field 'hidden_tests' by its name changes the task"),
    ],
)
def test_a_row_that_cannot_be_used_is_one_line(
    tmp_path: Path, changed: dict[str, object], message: str
) -> None:
    """File, line, field, what was found."""
    with pytest.raises(ConfigError, match=rf"^\S+, line 1: {message}") as caught:
        read_one(tmp_path, EVALPLUS, **changed)

    assert "\n" not in str(caught.value)
