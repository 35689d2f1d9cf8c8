"""Indentation of a body: detect it, remove it, and restore the one that the model meant."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import takewhile

from pytest_humaneval.core.extraction.lines import indentation, is_code, logical_starts


def is_continuation(code: str) -> bool:
    """Return whether code begins inside a function: its first line of code is indented."""
    first = next((line for line in code.split("\n") if is_code(line)), "")
    return indentation(first) > 0


def body_candidates(code: str, unit: str) -> Iterator[str]:
    """Yield a body's text indented with ``unit``, once for each guess of the indentation that was meant.

    The whole body may have lost its indentation or have another one; or only the first line has lost (some
    of) it, as after a client or server stripped the text.
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
    """Return the first line and the lines after it, up to code on column 0, which is outside the body."""
    pairs = zip(lines[1:], logical_starts(lines)[1:], strict=True)
    inside = takewhile(lambda pair: not (pair[1] and is_code(pair[0]) and not indentation(pair[0])), pairs)
    return [lines[0], *(line for line, _ in inside)]


@lru_cache(maxsize=16)
def dedent(code: str) -> str:
    """Return code without its common indentation; a tab in it is four columns wide."""
    # Not textwrap.dedent: that would also strip the lines of triple-quoted strings, which are data.
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
