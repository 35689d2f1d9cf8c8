"""Give the inputs of MBPP+ the types that JSON has lost: tuples, sets, complex numbers.

Which problems have lost which is as in evalplus 0.3.1 (``evalplus/data/mbpp.py``); in all others, and in
HumanEval+, lists are lists. Keys that were no text stay text, as they do there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

_Convert = Callable[[Any], Any]


def restored(number: str, cases: Iterable[Sequence[Any]]) -> list[list[Any]]:
    """Return the arguments of each case of a problem, with their types.

    Args:
        number: the problem's, as its task id has it.
        cases: the arguments of each case as JSON has them.

    Raises:
        TypeError, ValueError, AttributeError: the arguments are not those of this problem.
    """
    each, first, second = _CONVERSIONS.get(int(number) if number.isdecimal() else 0, _NONE)
    if each is not _kept:
        return [[each(argument) for argument in case] for case in cases]
    return [_converted(list(case), (first, second)) for case in cases]


def _converted(arguments: list[Any], conversions: Sequence[_Convert]) -> list[Any]:
    for index, convert in enumerate(conversions[: len(arguments)]):
        arguments[index] = convert(arguments[index])
    return arguments


def _kept(value: Any) -> Any:  # noqa: ANN401 (any JSON value)
    return value


def _tuples(value: Iterable[Any]) -> list[Any]:
    return [tuple(each) for each in value]


def _tuple_of_tuples(value: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(_tuples(value))


def _tuple_with_tuples(value: Iterable[Any]) -> tuple[Any, ...]:
    return tuple(tuple(each) if isinstance(each, list) else each for each in value)


def _all_tuples(value: Any) -> Any:  # noqa: ANN401 (any JSON value)
    return tuple(map(_all_tuples, value)) if isinstance(value, list) else value


def _tuple_values(value: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(each) for key, each in value.items()}


def _sets(value: Iterable[Any]) -> list[Any]:
    # The empty one is a dict: "{}" in MBPP's own asserts.
    return [set(each) if isinstance(each, list) and each else {} for each in value]


# What every argument becomes; else what the first and the second become. Then the problems' numbers.
_SHAPES: tuple[tuple[tuple[_Convert, _Convert, _Convert], str], ...] = (
    (
        (tuple, _kept, _kept),
        "2 116 132 143 222 261 273 394 399 421 424 429 470 560 579 596 616 630 726 740 744 809",
    ),
    ((_tuples, _kept, _kept), "63 64 70 94 120 237 272 299 400 409 417 438 473 614 780"),
    ((_tuple_of_tuples, _kept, _kept), "259 401 445"),
    ((_all_tuples, _kept, _kept), "580 615 791"),
    ((_kept, _tuples, _kept), "75 413 444 753"),
    ((_kept, tuple, _kept), "250 307 405 446 617 720 763 808"),
    ((_kept, _kept, tuple), "106 750"),
    ((_kept, _tuple_with_tuples, _kept), "278"),
    ((_kept, _tuple_values, _kept), "722"),
    ((_kept, _sets, _kept), "115"),
    ((_kept, complex, _kept), "252"),
    ((_kept, float, complex), "124"),
)
_NONE = (_kept, _kept, _kept)
_CONVERSIONS = {int(number): shape for shape, numbers in _SHAPES for number in numbers.split()}
