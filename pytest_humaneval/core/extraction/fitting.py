"""Fitting code to the prompt: is it a module, or a body, and under which indentation?"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import takewhile

from pytest_humaneval.core.extraction.lines import indentation, is_code, logical_starts
from pytest_humaneval.core.extraction.program import (
    body_indentation,
    defines,
    under_preamble,
    under_signature,
    without_broken_parts,
)
from pytest_humaneval.core.records import Stub


@lru_cache(maxsize=256)
def fit(code: str, stub: Stub) -> str | None:
    """Return the program that code makes with the prompt, or None if it gives the entry point no body.

    Tried in turn: a module; a continuation of the prompt as it stands; a body under another indentation.
    """
    for program in _programs(code, stub):
        clean = without_broken_parts(program, stub.entry_point)
        if defines(clean, stub.entry_point):
            return clean
    return None


def is_continuation(code: str) -> bool:
    """Tell whether code begins inside a function: its first line is indented."""
    first = next((line for line in code.split("\n") if is_code(line)), "")
    return indentation(first) > 0


def _programs(code: str, stub: Stub) -> Iterator[str]:
    flat = dedent(code)
    if stub.entry_point in flat and not is_continuation(flat):
        module = without_broken_parts(flat, stub.entry_point)
        if defines(module, stub.entry_point):
            yield under_preamble(module, stub)
    if is_continuation(code):
        yield under_signature(code, stub)
    joint = "" if stub.prompt.endswith("\n") else "\n"
    for body in _bodies(code, body_indentation(stub)):
        yield under_signature(joint + body, stub)


def _bodies(code: str, unit: str) -> Iterator[str]:
    """Yield a body's text under the indentations that it may have been meant with."""
    region = _region(code)
    yield shift(dedent(region), unit)
    lines = region.strip("\n").split("\n")
    rest = [indentation(line) for line in lines[1:] if is_code(line)]
    if rest and min(rest) != indentation(lines[0]):
        yield shift(dedent("\n".join([lines[1][: 0] + " " * min(rest) + lines[0].lstrip(), *lines[1:]])), unit)


def _region(code: str) -> str:
    """Return the leading lines of code that may be a body: up to the first one that goes back to column 0."""
    lines = code.strip("\n").split("\n")
    starts = logical_starts(lines)
    flat = [starts[i] and is_code(line) and not indentation(line) for i, line in enumerate(lines)]
    if flat[0] or not any(flat):
        return "\n".join(lines)
    return "\n".join(line for line, _ in takewhile(lambda pair: not pair[1], zip(lines, flat, strict=True)))


def dedent(code: str) -> str:
    """Return code with its common indentation removed, tabs in the indentation being four columns wide."""
    return _moved(code, None)


def shift(code: str, unit: str) -> str:
    """Return code with every logical line indented by ``unit`` more."""
    return _moved(code, unit)


def _moved(code: str, unit: str | None) -> str:
    lines = code.split("\n")
    starts = logical_starts(lines)
    lines = [_without_tabs(line) if start else line for line, start in zip(lines, starts, strict=True)]
    if unit is not None:
        moved = [unit + line if start and line.strip() else line for line, start in zip(lines, starts, strict=True)]
        return "\n".join(moved)
    margin = min((indentation(line) for line, start in zip(lines, starts, strict=True) if start and is_code(line)), default=0)
    return "\n".join(line[min(margin, indentation(line)) :] if start else line for line, start in zip(lines, starts, strict=True))


def _without_tabs(line: str) -> str:
    margin = indentation(line)
    return line[:margin].expandtabs(4) + line[margin:]
