"""The rules of comparison, row by row, as EvalPlus 0.3.1 applies them."""

from __future__ import annotations

import math
from typing import Any

import pytest

from pytest_humaneval.sandbox.runtime.trusted.cases.rules import Returned, Tolerance, matches

NONE = Tolerance(0.0, 0.0)
FLOATS = Tolerance(0.0, 1e-6)
NAN = math.nan

RIGHT: list[tuple[str, Any, Any, list[Any], Tolerance]] = [
    ("equal", 1.0, 1, [], NONE),
    ("equal", [True, {"a": (1,)}], [1, {"a": (1.0,)}], [], NONE),
    ("equal", {2, 1}, frozenset({1, 2}), [], NONE),
    ("equal", 1.0 + 9e-7, 1.0, [], FLOATS),
    ("equal", [1e9 + 50, 0.5], [1e9, 0.5], [], FLOATS),
    ("equal", 10**9 + 50, 10**9, [], FLOATS),
    ("equal", 1 + 1e-7j, 1 + 0j, [], FLOATS),
    ("equal", [math.inf, 1.0], [math.inf, 1.0 + 1e-9], [], FLOATS),
    # numpy broadcasts what stands inside.
    ("equal", [[1.0], [2.0]], [[1.0, 1.0], [2.0, 2.0]], [], FLOATS),
    ("equal", [[]], [[1.0]], [], FLOATS),
    ("set", [1, 2, 2], [2, 1], [], NONE),
    ("set", (3,), [3.0], [], NONE),
    ("not_none", True, "a match", [], NONE),
    ("not_none", "another match", "a match", [], NONE),
    ("not_none", None, None, [], NONE),
    ("not_none", False, None, [], NONE),
    ("root", -0.5, 3.0, [[1, 2]], Tolerance(1e-4, 1e-4)),
    ("anything", "whatever", 3, [], NONE),
    ("zero", 0, 6, [6], NONE),
    ("zero", 6, 6, [6], NONE),
    ("surface_area", 33, 33, [3, 4], NONE),
    ("surface_area", 35, 33, [3, 4], NONE),
    ("digit_distance", 1, 1, [1, 2], NONE),
    ("digit_distance", 10, 1, [10, 9], NONE),
]
WRONG: list[tuple[str, Any, Any, list[Any], Tolerance]] = [
    ("equal", [1], (1,), [], NONE),
    ("equal", "1", 1, [], NONE),
    ("equal", NAN, NAN, [], NONE),
    ("equal", [NAN], [-NAN], [], FLOATS),
    ("equal", 1.0 + 9e-7, 1.0, [], NONE),
    ("equal", 1.0 + 2e-6, 1.0, [], FLOATS),
    # Types must be the same where a tolerance applies, and lengths.
    ("equal", (1.0, 2.0 + 1e-9), [1.0, 2.0], [], FLOATS),
    ("equal", 2, 2.0 + 1e-9, [], FLOATS),
    ("equal", [1.0], [1.0, 1.0], [], FLOATS),
    ("equal", [[1.0], [1.0, 2.0]], [[1.0], [1.0, 2.0 + 1e-9]], [], FLOATS),
    ("equal", ["a", 1.0], ["a", 1.0 + 1e-9], [], FLOATS),
    ("equal", [None, 1.0], [None, 1.0 + 1e-9], [], FLOATS),
    ("equal", [1 << 70], [(1 << 70) + 1], [], FLOATS),
    ("equal", 10**400, 1.0, [], FLOATS),
    ("equal", {"a": 1.0}, {"a": 1.0 + 1e-9}, [], FLOATS),
    ("equal", -math.inf, math.inf, [], FLOATS),
    ("equal", None, 0, [], FLOATS),
    ("set", [1], [1, 2], [], NONE),
    ("set", [[1]], [1], [], NONE),
    ("set", None, [1], [], NONE),
    ("not_none", True, None, [], NONE),
    ("not_none", "a match", None, [], NONE),
    ("not_none", None, "a match", [], NONE),
    ("root", 3.0, 3.0, [[1, 2]], Tolerance(1e-4, 1e-4)),
    ("root", NAN, -0.5, [[1, 2]], Tolerance(1e-4, 1e-4)),
    ("root", None, -0.5, [[1, 2]], Tolerance(1e-4, 1e-4)),
    ("root", 1e300, -0.5, [[1, 2, 3]], Tolerance(1e-4, 1e-4)),
    ("zero", 5, 6, [6], NONE),
    ("zero", None, 6, [6], NONE),
    ("surface_area", 34, 33, [3, 4], NONE),
    ("surface_area", None, 33, [3, 4], NONE),
    ("digit_distance", 9, 1, [10, 9], NONE),
]


@pytest.mark.parametrize(("rule", "value", "expected", "arguments", "tolerance"), RIGHT)
def test_what_evalplus_takes_is_right(
    rule: str, value: object, expected: object, arguments: list[Any], tolerance: Tolerance
) -> None:
    """Each of these values passes there."""
    assert matches(rule, Returned(value, arguments), expected, tolerance)


@pytest.mark.parametrize(("rule", "value", "expected", "arguments", "tolerance"), WRONG)
def test_what_evalplus_refuses_is_wrong(
    rule: str, value: object, expected: object, arguments: list[Any], tolerance: Tolerance
) -> None:
    """Each of these values fails there, also those that make numpy raise."""
    assert not matches(rule, Returned(value, arguments), expected, tolerance)


def test_a_value_that_is_only_like_a_builtin_has_another_type() -> None:
    """As numpy's float64, which compares by equality, and by no tolerance."""
    assert matches("equal", Returned(1.0, [], is_builtin=False), 1.0, FLOATS)
    assert not matches("equal", Returned(1.0 + 1e-9, [], is_builtin=False), 1.0, FLOATS)
