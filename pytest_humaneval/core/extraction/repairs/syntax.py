"""Repairs of code that is not valid Python: cut off, without a colon, without a body, repeating itself.

Each leaves code unchanged that already gives the entry point a body. What they add, the model never wrote.
"""

from __future__ import annotations

import re

from pytest_humaneval.core.extraction.fitting import fit
from pytest_humaneval.core.extraction.lines import NEUTRAL, after, indentation, is_code, logical_starts
from pytest_humaneval.core.problem import Stub

MAX_PERIOD_LINES = 20
"""Length of the longest repeated block of lines that is searched for."""

_HEADER = re.compile(r"\s*(?:async\s+)?(?:if|elif|else|for|while|def|class|try|except|finally|with)\b")
_OPEN = {"(": ")", "[": "]", "{": "}"}


def cut_repetition(text: str, stub: Stub) -> str:
    """Return a text without the repetition at its end: lines repeated three times or more stay once."""
    if fit(text, stub):
        return text
    lines = text.rstrip().split("\n")
    # Also without the last line, since the length limit may have cut that one in two.
    for ending in (lines, lines[:-1]):
        shortened = _without_repetition(ending)
        if shortened is not None:
            return shortened
    return text


def _without_repetition(lines: list[str]) -> str | None:
    for period in range(1, min(MAX_PERIOD_LINES, len(lines) // 3) + 1):
        loop = lines[-period:]
        start = len(lines) - period
        while start >= period and lines[start - period : start] == loop:
            start -= period
        if len(lines) - start >= 3 * period and any(map(is_code, loop)):
            return "\n".join(lines[: start + period]) + "\n"
    return None


def add_colons(text: str, stub: Stub) -> str:
    """Return a text whose compound statements end their first line with a colon."""
    if fit(text, stub):
        return text
    lines = text.split("\n")
    pairs = zip(lines, logical_starts(lines), strict=True)
    return "\n".join(_with_colon(line) if starts else line for line, starts in pairs)


def _with_colon(line: str) -> str:
    code = line.rstrip()
    complete = after(code, NEUTRAL).neutral and "#" not in code
    header = _HEADER.match(code) and complete and not code.endswith((":", ","))
    return f"{code}:" if header and not re.search(r":\s*\S", code) else line


def close_ends(text: str, stub: Stub) -> str:
    """Return a text whose last string and brackets are closed."""
    if fit(text, stub):
        return text
    code = text.rstrip()
    lines = code.split("\n")
    starts = logical_starts(lines)
    last = max(index for index, starting in enumerate(starts) if starting)
    return f"{code}{_closing(lines[last:])}\n"


def _closing(lines: list[str]) -> str:
    """Return the quote and brackets that the last logical line leaves open, closed."""
    state = NEUTRAL
    for line in lines:
        state = after(line, state)
    if state.quote:
        return state.quote
    return "".join(_OPEN[bracket] for bracket in reversed(_open_brackets("\n".join(lines))))


def _open_brackets(code: str) -> list[str]:
    found: list[str] = []
    for token in re.findall(r"#.*|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|[()\[\]{}]", code):
        if token in _OPEN:
            found.append(token)
        elif found and token == _OPEN[found[-1]]:
            found.pop()
    return found


def fill_bodies(text: str, stub: Stub) -> str:
    """Return a text whose compound statements have a body: ``pass`` where there is none."""
    if fit(text, stub):
        return text
    lines = text.rstrip().split("\n")
    starts = logical_starts(lines)
    filled = []
    for index, line in enumerate(lines):
        filled.append(line)
        following = (indentation(other) for other in lines[index + 1 :] if is_code(other))
        is_header = starts[index] and _HEADER.match(line) and line.rstrip().endswith(":")
        if is_header and next(following, -1) <= indentation(line):
            filled.append(" " * (indentation(line) + 4) + "pass")
    return "\n".join(filled) + "\n"
