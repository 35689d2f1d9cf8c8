"""Physical lines and logical lines, for text that need not be Python.

A line starts a logical line unless it stands inside a triple-quoted string, inside brackets or after a
backslash (Python reference, "Lexical analysis"). In text that is broken or mixed with prose a bracket may
stay open to the end; a keyword that can only begin a statement closes it.

Python's ``tokenize`` cannot be used: it raises at the first error, and here most texts have one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

# Comments and strings are tokens because brackets and quotes inside them mean nothing. A single-quoted string
# that is never closed ends with the line, since prose has apostrophes.
_TOKEN = re.compile(
    r"#.*"
    r"|\"{3}(?:\\.|[^\\])*?\"{3}|'{3}(?:\\.|[^\\])*?'{3}"
    r"|\"{3}|'{3}"
    r"|\"(?:\\.|[^\"\\])*\"?|'(?:\\.|[^'\\])*'?"
    r"|[()\[\]{}]"
)
_CLOSING = {quote: re.compile(rf"(?:\\.|[^\\])*?{quote}") for quote in ('"""', "'''")}
_INTERESTING = re.compile(r"[\"'()\[\]{}]|\\$")
# Only keywords that cannot occur inside brackets: "if", "for", "else", "in", "lambda", "await" and "yield"
# can.
_STATEMENT_START = re.compile(
    r"\s*(?:@|(?:def|class|return|import|raise|assert|while|with|try|pass|break|continue|del|global|nonlocal|"
    r"async\s+def)\b)"
)
# On column 0 these continue the statement above them.
_CLAUSE = re.compile(r"(?:else|elif|except|finally)\b")


@dataclass(frozen=True)
class State:
    """What is still open at the end of a line: a triple quote, brackets (how many), a backslash."""

    quote: str = ""
    depth: int = 0
    continued: bool = False

    @property
    def neutral(self) -> bool:
        """Whether the next line starts a logical line."""
        return not (self.quote or self.depth or self.continued)


NEUTRAL = State()


def after(line: str, state: State) -> State:
    """Return the state after a line, given the state before it."""
    # A line without quotes, brackets and a backslash at its end needs no scan: that keeps long texts cheap.
    if state is NEUTRAL and not _INTERESTING.search(line):
        return NEUTRAL
    position, depth = 0, state.depth
    if state.quote:
        closing = _CLOSING[state.quote].match(line)
        if not closing:
            return state
        position = closing.end()
    elif depth and _STATEMENT_START.match(line):
        depth = 0
    return _scan(line, position, depth)


def _scan(line: str, position: int, depth: int) -> State:
    code_end = len(line)
    for token in _TOKEN.finditer(line, position):
        text = token.group()
        if text in _CLOSING:
            return State(text, depth)
        if text in "([{":
            depth += 1
        elif text in ")]}":
            depth = max(0, depth - 1)
        elif text[0] == "#":
            code_end = token.start()
    continued = code_end == len(line) and line.endswith("\\")
    return State("", depth, continued) if depth or continued else NEUTRAL


def logical_starts(lines: Sequence[str]) -> list[bool]:
    """Return, for each physical line, whether it starts a logical line."""
    starts, state = [], NEUTRAL
    for line in lines:
        reset = state.depth and not state.quote and _STATEMENT_START.match(line)
        starts.append(state.neutral or bool(reset))
        state = after(line, state)
    return starts


def indentation(line: str) -> int:
    """Return the number of white-space characters a line begins with."""
    return len(line) - len(line.lstrip(" \t"))


def is_code(line: str) -> bool:
    """Return whether a line is neither blank nor only a comment."""
    stripped = line.lstrip()
    return bool(stripped) and not stripped.startswith("#")


def split_statements(text: str) -> list[str]:
    """Split a text before each top-level statement, or line of prose in the place of one.

    Comments and blank lines go with the statement after them. Joining the parts with newlines gives the text
    again.
    """
    lines = text.split("\n")
    parts: list[list[str]] = []
    pending: list[str] = []
    decorated = False
    for line, starts in zip(lines, logical_starts(lines), strict=True):
        if starts and not is_code(line):
            pending.append(line)
            continue
        top = starts and line[0] not in " \t" and not _CLAUSE.match(line)
        if (top and not decorated) or not parts:
            parts.append([*pending, line])
        else:
            parts[-1] += [*pending, line]
        pending = []
        # A decorator is on a logical line of its own, but a part of the definition below it.
        if starts:
            decorated = line.startswith("@")
    if pending:
        parts.append(pending)
    return ["\n".join(part) for part in parts]
