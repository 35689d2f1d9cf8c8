"""The rules by which what a candidate returned is compared with what the reference returned.

They are EvalPlus's (version 0.3.1): equality; where a tolerance applies and the values are not equal, their
types and lengths must be, and ``numpy.allclose`` decides; and some problems have a rule of their own.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from .closeness import all_close


class Returned(NamedTuple):
    """What a candidate returned for one case.

    Attributes:
        value: as the trusted side sees it.
        arguments: of the call.
        is_builtin: whether the value's own type is an exact builtin, and not only like one.
    """

    value: Any
    arguments: list[Any]
    is_builtin: bool = True


class Tolerance(NamedTuple):
    """The absolute tolerance that holds before a case, and from its comparison on."""

    before: float
    now: float


class Rule(NamedTuple):
    """A rule of comparison.

    Attributes:
        holds: whether a value is right whatever the tolerance; it may raise anything for a wrong one.
        is_met_by_equality: whether a value that equals the expected one is always right.
        wording: of the expected value, for a person.
    """

    holds: Callable[[Returned, Any, float], Any]
    is_met_by_equality: bool = True
    wording: str = ""


def matches(rule: str, returned: Returned, expected: Any, tolerance: Tolerance) -> bool:
    """Return whether a value is right.

    Args:
        rule: its name in ``RULES``.
        returned: the value.
        expected: what the reference returned.
        tolerance: for numbers.
    """
    try:
        if RULES[rule].holds(returned, expected, tolerance.before):
            return True
        if rule == "root" or tolerance.now == 0:
            return False
        return _is_close(returned, expected, tolerance.now)
    # A value that cannot be compared is wrong.
    except Exception:
        return False


def _is_close(returned: Returned, expected: Any, atol: float) -> bool:
    if not returned.is_builtin or type(returned.value) is not type(expected):
        return False
    if isinstance(expected, list | tuple) and len(returned.value) != len(expected):
        return False
    return all_close(returned.value, expected, atol)


def _equal(returned: Returned, expected: Any, _: float) -> Any:
    return returned.value == expected


def _same_elements(returned: Returned, expected: Any, _: float) -> Any:
    return set(returned.value) == set(expected)


def _not_none(returned: Returned, expected: Any, _: float) -> Any:
    if type(returned.value) is bool:
        return returned.value == (expected is not None)
    return (returned.value is not None) == (expected is not None)


def _root(returned: Returned, _: Any, atol: float) -> Any:
    (coefficients,) = returned.arguments
    terms = [factor * math.pow(returned.value, power) for power, factor in enumerate(coefficients)]
    return abs(sum(terms)) <= atol


def _anything(*_: Any) -> bool:
    return True


def _zero(returned: Returned, expected: Any, _: float) -> Any:
    return returned.value == expected or returned.value == 0


def _surface_area(returned: Returned, expected: Any, atol: float) -> Any:
    """The reference takes the height as that of a side; that of the whole pyramid is right, too."""
    if returned.value == expected:
        return True
    edge, height = returned.arguments
    slant_height = math.sqrt((edge / 2) ** 2 + height**2)
    return abs(returned.value - round(edge**2 + 4 * (edge * slant_height) / 2)) <= atol


def _digit_distance(returned: Returned, expected: Any, _: float) -> Any:
    """The reference takes the digits of the difference; the differences of the digits are right, too."""
    if returned.value == expected:
        return True
    one, other = map(str, returned.arguments)
    width = max(len(one), len(other))
    pairs = zip(one.zfill(width), other.zfill(width))  # noqa: B905 -- of one length
    return returned.value == sum(abs(int(digit) - int(second)) for digit, second in pairs)


RULES: Final[Mapping[str, Rule]] = {
    "equal": Rule(_equal),
    "set": Rule(_same_elements, is_met_by_equality=False, wording="the elements of "),
    "not_none": Rule(_not_none, is_met_by_equality=False, wording="as for "),
    "root": Rule(_root, is_met_by_equality=False, wording="a root, such as "),
    "anything": Rule(_anything),
    "zero": Rule(_zero, wording="0 or "),
    "surface_area": Rule(_surface_area),
    "digit_distance": Rule(_digit_distance),
}
