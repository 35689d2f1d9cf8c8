"""Model text seen as Python source: parsed without running it, and without a warning.

Parsing must not depend on the process's warning filters: an invalid escape such as ``"\\d"`` is a warning that
a test suite may well have turned into an error. Every escape is therefore masked before parsing, by characters
of the same number, so that positions in the tree are positions in the text.
"""

from __future__ import annotations

import ast
import re
from functools import lru_cache

MAX_PARSED = 250_000
"""Characters above which a text is not parsed as a whole: no answer to a problem is that long."""

_ESCAPE = re.compile(r"\\N\{[^}\n]*\}|\\[^\n]")


@lru_cache(maxsize=256)
def parse(source: str) -> ast.Module | None:
    """Return the tree of a source text, or None if it is not Python (or longer than MAX_PARSED).

    String constants in the tree are masked; everything else stands where it stands in the text.
    """
    if len(source) > MAX_PARSED:
        return None
    try:
        return ast.parse(_ESCAPE.sub(lambda found: "$" * len(found.group()), source))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def first_line(statement: ast.stmt) -> int:
    """Return the index (from 0) of a statement's first line, decorators included."""
    decorators = getattr(statement, "decorator_list", [])
    return min([statement.lineno, *(decorator.lineno for decorator in decorators)]) - 1


def is_stub(statement: ast.stmt) -> bool:
    """Tell whether a function does nothing yet: a docstring, ``pass``, ``...`` or NotImplementedError."""
    if not isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return False
    return all(_does_nothing(part) for part in statement.body)


def _does_nothing(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Raise):
        raised = statement.exc.func if isinstance(statement.exc, ast.Call) else statement.exc
        return isinstance(raised, ast.Name) and raised.id == "NotImplementedError"
    is_constant = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    return isinstance(statement, ast.Pass) or is_constant


def always_leaves(body: list[ast.stmt]) -> bool:
    """Tell whether control cannot fall off the end of a function's body."""
    last = body[-1] if body else None
    if isinstance(last, (ast.Return, ast.Raise)):
        return True
    if isinstance(last, ast.If):
        return always_leaves(last.body) and always_leaves(last.orelse)
    if isinstance(last, (ast.With, ast.AsyncWith)):
        return always_leaves(last.body)
    if isinstance(last, ast.While):
        return isinstance(last.test, ast.Constant) and bool(last.test.value)
    if isinstance(last, ast.Try):
        ways = [last.orelse or last.body, *(handler.body for handler in last.handlers)]
        return always_leaves(last.finalbody) or all(always_leaves(way) for way in ways)
    return False
