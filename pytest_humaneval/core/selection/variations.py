"""Inputs varied from those of the examples: where programs agree on the examples, these may tell them apart.

First the edges of each argument's type (nothing, one, negative), then values a step or two away from a given
one: the types of mutation that EvalPlus has (arXiv:2305.01210, table 1).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

Arguments = tuple[Any, ...]

_SECOND_STEP, _FROM_ANOTHER = 0.3, 0.25
_EDGES: Mapping[type, Sequence[Any]] = {
    int: (0, 1, -1, 2, 10),
    float: (0.0, 1.0, -1.5, 0.5),
    str: ("", "a", "A b", "aa"),
    list: ([],),
    tuple: ((),),
    dict: ({},),
}


def varied(given: Sequence[Arguments], count: int) -> tuple[Arguments, ...]:
    """Return up to ``count`` argument lists that vary the given ones, all different.

    They depend on nothing but the given ones: the same in every process.
    """
    chance = random.Random(repr(given))  # noqa: S311 -- nothing secret
    seen = {repr(arguments) for arguments in given}
    inputs: list[Arguments] = []
    for arguments in _candidates(given, 8 * count, chance):
        if repr(arguments) not in seen and len(inputs) < count:
            seen.add(repr(arguments))
            inputs.append(arguments)
    return tuple(inputs)


def _candidates(given: Sequence[Arguments], attempts: int, chance: random.Random) -> Iterator[Arguments]:
    if not any(given):
        return
    yield from _edges(given)
    for attempt in range(attempts):
        arguments = _changed(given[attempt % len(given)], given, chance)
        yield _changed(arguments, given, chance) if chance.random() < _SECOND_STEP else arguments


def _edges(given: Sequence[Arguments]) -> Iterator[Arguments]:
    """Yield the first given arguments with one of them at an edge, and one list or text of one element."""
    first = given[0]
    for place, value in enumerate(first):
        shortest = [value[:1]] if type(value) in (list, str, tuple) else []
        for edge in (*_EDGES.get(type(value), ()), *shortest):
            yield (*first[:place], edge, *first[place + 1 :])


def _changed(arguments: Arguments, given: Sequence[Arguments], chance: random.Random) -> Arguments:
    """Return arguments of which one is another value of its type, or comes from another example."""
    if not arguments:
        return arguments
    place = chance.randrange(len(arguments))
    others = [other[place] for other in given if len(other) > place]
    if len(arguments) > 1 and chance.random() < _FROM_ANOTHER:
        value = chance.choice(others)
    else:
        value = _other(arguments[place], chance)
        if type(value) is int and float in map(type, others) and chance.random() < 0.3:
            value = float(value)
    return (*arguments[:place], value, *arguments[place + 1 :])


def _other(value: Any, chance: random.Random) -> Any:  # noqa: ANN401 (plain data)
    change = _CHANGES.get(type(value))
    return change(value, chance) if change else value


def _bool(value: bool, _: random.Random) -> bool:
    return not value


def _int(value: int, chance: random.Random) -> int:
    return chance.choice(
        [value + 1, value - 1, value + 2, value * 2, value // 2, -value, value + 10, chance.randrange(30)]
    )


def _float(value: float, chance: random.Random) -> float:
    # Modulo, not round: an infinity has no nearest integer.
    rounded = value - value % 1.0
    return chance.choice([value + 1.0, value - 0.5, value * 2, value / 2, -value, rounded])


def _str(value: str, chance: random.Random) -> str:
    if " " in value and chance.random() < 0.5:
        return " ".join(_sequence(value.split(" "), chance))
    characters = _sequence(list(value), chance)
    if characters and chance.random() < 0.3:
        place = chance.randrange(len(characters))
        characters[place] = characters[place].swapcase()
    return "".join(characters)


def _list(value: list[Any], chance: random.Random) -> list[Any]:
    if value and chance.random() < 0.5:
        place = chance.randrange(len(value))
        return [*value[:place], _other(value[place], chance), *value[place + 1 :]]
    return _sequence(value, chance)


def _dict(value: dict[Any, Any], chance: random.Random) -> dict[Any, Any]:
    kept = _sequence(list(value.items()), chance)
    return {key: _other(item, chance) if chance.random() < 0.3 else item for key, item in kept}


def _sequence(items: list[Any], chance: random.Random) -> list[Any]:
    """Return other items: fewer, more, or in another order."""
    return chance.choice(_ORDERS)(list(items), chance)


def _without_one(items: list[Any], chance: random.Random) -> list[Any]:
    if items:
        del items[chance.randrange(len(items))]
    return items


def _one_twice(items: list[Any], chance: random.Random) -> list[Any]:
    if items:
        items.insert(chance.randrange(len(items) + 1), chance.choice(items))
    return items


def _shuffled(items: list[Any], chance: random.Random) -> list[Any]:
    chance.shuffle(items)
    return items


_ORDERS: Sequence[Callable[[list[Any], random.Random], list[Any]]] = (
    _without_one,
    _one_twice,
    _shuffled,
    lambda items, _: items[::-1],
    lambda items, _: items[: len(items) // 2],
    lambda items, _: items + items,
)
_CHANGES: Mapping[type, Callable[[Any, random.Random], Any]] = {
    bool: _bool,
    int: _int,
    float: _float,
    str: _str,
    list: _list,
    tuple: lambda value, chance: tuple(_list(list(value), chance)),
    dict: _dict,
}
