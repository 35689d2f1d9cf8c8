"""Rows of EvalPlus, HumanEval+ and MBPP+ (Liu et al. 2023, arXiv:2305.01210): inputs, and no results.

A candidate must return what the canonical solution returns, by rules that some problems have of their own:
those of evalplus 0.3.1, https://github.com/evalplus/evalplus. Not read, since they judge no candidate:
``contract`` (what inputs may be), ``assertion`` and ``test`` (the base inputs in another form).
"""

from __future__ import annotations

import marshal
from typing import Any

from pytest_humaneval.core.datasets.evalplus_inputs import restored
from pytest_humaneval.core.datasets.row import Row
from pytest_humaneval.core.problem import Cases, Problem

FIELDS = ("task_id", "prompt", "entry_point", "canonical_solution", "base_input", "plus_input", "atol")

_MBPP = "Mbpp/"
_MBPP_RULES = {
    **dict.fromkeys(("similar_elements", "find_char_long", "common_in_nested_lists"), "set"),
    **dict.fromkeys(("extract_singly", "larg_nnum", "intersection_array"), "set"),
    **dict.fromkeys(("find_dissimilar", "Diff"), "set"),
    **dict.fromkeys(("check_str", "text_match_three", "text_starta_endb"), "not_none"),
    "are_equivalent": "anything",
    "sum_div": "zero",
    "surface_Area": "surface_area",
    "digit_distance_nums": "digit_distance",
}
_HUMANEVAL_RULES = {"find_zero": "root"}
# Version 2 of the format: equal values have equal bytes, whatever objects they share.
_MARSHAL_VERSION = 2


def read_evalplus(row: Row) -> Problem:
    """Return the problem of a row.

    Raises:
        ConfigError: a field is missing or not as it must be.
    """
    task_id, prompt, entry_point, solution = map(row.text, FIELDS[:4])
    base, plus = _inputs(row, "base_input", task_id), _inputs(row, "plus_input", task_id)
    if not base:
        raise row.error("field 'base_input' must be a list of lists of arguments, found none")
    cases = Cases(
        reference=prompt + solution,
        base=base,
        plus=plus,
        atol=row.tolerance("atol"),
        rule=_rule(task_id, entry_point),
    )
    return Problem(task_id, prompt, entry_point, solution, test="", cases=cases)


def _rule(task_id: str, entry_point: str) -> str:
    if task_id.startswith(_MBPP):
        return _MBPP_RULES.get(entry_point, "equal")
    if task_id.startswith("HumanEval/"):
        return _HUMANEVAL_RULES.get(entry_point, "equal")
    return "equal"


def _inputs(row: Row, field: str, task_id: str) -> bytes:
    """Return the arguments of each case; empty where there are none: MBPP+ writes ``{}`` for that, too."""
    cases: list[Any] = row.lists(field)
    if not cases:
        return b""
    if task_id.startswith(_MBPP):
        try:
            cases = restored(task_id.removeprefix(_MBPP), cases)
        except (TypeError, ValueError, AttributeError, IndexError) as error:
            raise row.error(f"field {field!r} has not the types of {task_id} of MBPP+ ({error})") from error
    try:
        return marshal.dumps(cases, _MARSHAL_VERSION)
    except ValueError as error:
        raise row.error(f"field {field!r}: {error}") from error
