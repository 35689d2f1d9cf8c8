"""Indentation: what a body's lines are indented with, and what they were meant to be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import takewhile

from pytest_humaneval.core.extraction.lines import indentation, is_code, logical_starts


def is_continuation(code: str) -> bool:
    """Tell whether code begins inside a function: its first line is indented."""
    first = next((line for line in code.split("\n") if is_code(line)), "")
    return indentation(first) > 0


def body_candidates(code: str, unit: str) -> Iterator[str]:
    """Yield a body's text under the indentations it may have been meant with; ``unit`` is the wanted one.

    The whole may have lost its indentation, or have another; or only the first line has lost (some of) it, as
    where a text was stripped.
    """
    lines = code.strip("\n").split("\n")
    leading = _up_to_column_0(lines)
    yield shift(dedent("\n".join(leading if indentation(lines[0]) else lines)), unit)
    starts = logical_starts(leading)
    pairs = zip(leading[1:], starts[1:], strict=True)
    rest = [indentation(line) for line, starting in pairs if starting and is_code(line)]
    if rest and min(rest) != indentation(leading[0]):
        first = " " * min(rest) + leading[0].lstrip()
        yield shift(dedent("\n".join([first, *leading[1:]])), unit)


def _up_to_column_0(lines: Sequence[str]) -> list[str]:
    """Return the first line and those after it, up to one that goes back to column 0."""
    pairs = zip(lines[1:], logical_starts(lines)[1:], strict=True)
    inside = takewhile(lambda pair: not (pair[1] and is_code(pair[0]) and not indentation(pair[0])), pairs)
    return [lines[0], *(line for line, _ in inside)]


def dedent(code: str) -> str:
    """Return code without its common indentation; a tab in it is four columns wide."""
    lines, starts = _spaced(code)
    pairs = list(zip(lines, starts, strict=True))
    margin = min((indentation(line) for line, starting in pairs if starting and is_code(line)), default=0)
    return "\n".join(line[min(margin, indentation(line)) :] if starting else line for line, starting in pairs)


def shift(code: str, unit: str) -> str:
    """Return code with every logical line indented by ``unit`` more."""
    lines, starts = _spaced(code)
    pairs = zip(lines, starts, strict=True)
    return "\n".join(unit + line if starting and line.strip() else line for line, starting in pairs)


def _spaced(code: str) -> tuple[list[str], list[bool]]:
    """Return code's lines, indented with spaces only, and whether each starts a logical line."""
    lines = code.split("\n")
    starts = logical_starts(lines)
    return [_without_tabs(line) if start else line for line, start in zip(lines, starts, strict=True)], starts


def _without_tabs(line: str) -> str:
    margin = indentation(line)
    return line[:margin].expandtabs(4) + line[margin:]
