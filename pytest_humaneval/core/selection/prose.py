"""Read examples without a call: "For n = 3 the output should be 5", "Input: ..." and "Output: ..."."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from pytest_humaneval.core.selection.literals import leading_value

Found = tuple[tuple[object, ...], object]
"""The arguments of a call, and its result."""

_FOR = re.compile(r"^[ \t*-]*[Ff]or[ \t]+(?=\w+[ \t]*=)", re.MULTILINE)
_SHOULD_BE = re.compile(r"(?:output|result|answer)[ \t]+should[ \t]+be[ \t]+")
_INPUT = re.compile(r"^[ \t]*Input:[ \t]*", re.MULTILINE)
_OUTPUT = re.compile(r"[ \t]*\n?[ \t]*Output:[ \t]*")
_NAMED = re.compile(r"[\s,]*(?!Output\b)(\w+)[ \t]*[=:][ \t]*")
_ASSIGNED = re.compile(r"^[ \t]*(\w+)[ \t]*=[ \t]*", re.MULTILINE)
_RETURNED = re.compile(r"^[ \t]*return[ \t]*=?[ \t]+", re.MULTILINE)


def read(text: str, parameters: Sequence[str]) -> Iterator[Found]:
    """Yield the examples of a text, by form.

    Args:
        text: a prompt from the function's name on.
        parameters: the names of the function's parameters.
    """
    yield from _for(text, parameters)
    yield from _input_output(text, parameters)
    yield from _assigned(text, parameters)


def _for(text: str, parameters: Sequence[str]) -> Iterator[Found]:
    for match in _FOR.finditer(text):
        values, end = _named_values(text, match.end())
        line_end = text.find("\n", end)
        results = list(_SHOULD_BE.finditer(text, end, len(text) if line_end < 0 else line_end))
        if [name for name, _ in values] != list(parameters) or not results:
            continue
        if found := leading_value(text[results[-1].end() :]):
            yield tuple(value for _, value in values), found.value


def _input_output(text: str, parameters: Sequence[str]) -> Iterator[Found]:
    for match in _INPUT.finditer(text):
        values, end = _named_values(text, match.end())
        if not values and (only := leading_value(text[match.end() :])):
            values, end = [("", only.value)], match.end() + only.end
        # By their places: some prompts name a parameter otherwise here.
        output = _OUTPUT.match(text, end) if len(values) == len(parameters) else None
        if output and (found := leading_value(text[output.end() :])):
            yield tuple(value for _, value in values), found.value


def _assigned(text: str, parameters: Sequence[str]) -> Iterator[Found]:
    """Yield "NAME = VALUE", and lines later "return VALUE", of functions with one parameter."""
    starts = [match for match in _ASSIGNED.finditer(text) if [match[1]] == list(parameters)]
    for number, match in enumerate(starts):
        end = starts[number + 1].start() if number + 1 < len(starts) else len(text)
        given = leading_value(text[match.end() :])
        returned = _RETURNED.search(text, match.end(), end)
        result = leading_value(text[returned.end() :]) if returned else None
        if given and result:
            yield (given.value,), result.value


def _named_values(text: str, start: int) -> tuple[list[tuple[str, object]], int]:
    """Return the pairs "name = value" from ``start`` on, and where they end."""
    values: list[tuple[str, object]] = []
    while match := _NAMED.match(text, start):
        if (found := leading_value(text[match.end() :])) is None:
            break
        values.append((match[1], found.value))
        start = match.end() + found.end
    return values, start
