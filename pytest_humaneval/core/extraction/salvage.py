"""Salvage Python from a text that is only partly Python: prose between statements, a tail that breaks off."""

from __future__ import annotations

import ast
import keyword
import re
from functools import lru_cache

from pytest_humaneval.core.extraction.lines import split_statements
from pytest_humaneval.core.extraction.source import MAX_PARSED_CHARS, always_exits, error_line, parse

MAX_PARTS = 1_000
"""How many parts of a broken text are tried: enough for any answer, and a bound for garbage."""

_TWO_WORDS = re.compile(r"([A-Za-z_]\w*)[ \t]+[A-Za-z_]")
_WORDS_OF_PYTHON = {*keyword.kwlist, *keyword.softkwlist}


@lru_cache(maxsize=64)
def without_broken_parts(program: str, entry_point: str) -> str:
    """Return a program without its top-level parts that are not Python.

    The entry point's own definition may lose a broken tail only if control cannot reach it: a body that
    breaks off before it returns is the model's own error and must be judged as such.
    """
    if parse(program):
        return program
    parts = [part for part in split_statements(program) if not _is_prose(part)]
    kept = []
    for part in parts[:MAX_PARTS]:
        if parse(part):
            kept.append(part)
        elif (beginning := _without_tail(part, entry_point)) is not None:
            kept.append(beginning)
    return "\n".join(kept)


def _is_prose(part: str) -> bool:
    """Return whether a part begins with two words, the first of which is no keyword of Python."""
    found = _TWO_WORDS.match(part.lstrip("\n"))
    return found is not None and found.group(1) not in _WORDS_OF_PYTHON


def _without_tail(definition: str, name: str) -> str | None:
    """Return the longest beginning of a broken definition of ``name`` that parses and always exits."""
    if name not in definition:
        return None
    lines = definition.split("\n")
    end = min(error_line(definition), len(lines) - 1)
    # Each round parses the rest once more, so the rounds are bounded by the text's length as well.
    for _ in range(min(50, MAX_PARSED_CHARS // len(definition))):
        if end <= 0:
            return None
        source = "\n".join(lines[:end])
        if tree := parse(source):
            last = tree.body[-1] if tree.body else None
            is_function = isinstance(last, (ast.FunctionDef, ast.AsyncFunctionDef)) and last.name == name
            return source if is_function and always_exits(last.body) else None  # type: ignore[union-attr]
        end = min(end - 1, error_line(source))
    return None
