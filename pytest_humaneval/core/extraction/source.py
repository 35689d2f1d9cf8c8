"""Parse a model's text as Python source, without running it and without a warning.

Parsing must not depend on the process's warning filters, which a test suite may have set to "error":
CPython's parser warns of an invalid escape in a string and of a number that touches a keyword (``1if x else
2``). So escapes are masked and such numbers separated before parsing. Line numbers stay right; columns in the
tree, and the text of its string constants, mean nothing.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from functools import lru_cache

from pytest_humaneval.core.parsing import syntax_tree

MAX_PARSED_CHARS = 250_000
"""A longer text is not parsed: no answer to a problem is that long."""

_TOUCHING = re.compile(r"\b(\d[\d_]*\.?\d*)(?=(?:and|else|for|if|in|is|not|or)\b)")
_ESCAPE = re.compile(r"\\N\{[^}\n]*\}|\\[^\n]")


@lru_cache(maxsize=64)
def parse(source: str) -> ast.Module | None:
    """Return the tree of a source text, or None if it is not Python (or longer than MAX_PARSED_CHARS)."""
    tree, _ = _parsed(source)
    return tree


def error_line(source: str) -> int:
    """Return the index (from 0) of the line where a text stops being Python; 0 if unknown."""
    _, line = _parsed(source)
    return line


def _parsed(source: str) -> tuple[ast.Module | None, int]:
    if len(source) > MAX_PARSED_CHARS:
        return None, 0
    try:
        return syntax_tree(_TOUCHING.sub(r"\1 ", _ESCAPE.sub("$$", source))), 0
    except SyntaxError as error:
        return None, max(0, (error.lineno or 1) - 1)
    # ValueError: lone surrogates, and NULs on some versions. The others: code that is nested too deeply for
    # the parser (MemoryError) or for the tree that it builds (RecursionError).
    except (ValueError, RecursionError, MemoryError):
        return None, 0


def first_line(statement: ast.stmt) -> int:
    """Return the index (from 0) of a statement's first line, decorators included."""
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    return min([statement.lineno, *(decorator.lineno for decorator in decorators)]) - 1


_IDLE = (ast.Pass, ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def is_stub(statement: ast.stmt) -> bool:
    """Return whether a function does nothing: it only documents, imports, defines or passes."""
    if not isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
        return False
    return all(_does_nothing(part) for part in statement.body)


def _does_nothing(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Raise):
        raised = statement.exc.func if isinstance(statement.exc, ast.Call) else statement.exc
        return isinstance(raised, ast.Name) and raised.id == "NotImplementedError"
    is_constant = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    return is_constant or isinstance(statement, _IDLE)


def always_exits(body: Sequence[ast.stmt]) -> bool:
    """Return whether control cannot fall off the end of a function's body: every path exits or loops."""
    last = body[-1] if body else None
    if isinstance(last, (ast.Return, ast.Raise)):
        return True
    if isinstance(last, ast.If):
        return always_exits(last.body) and always_exits(last.orelse)
    if isinstance(last, (ast.With, ast.AsyncWith)):
        return always_exits(last.body)
    if isinstance(last, ast.While):
        return isinstance(last.test, ast.Constant) and bool(last.test.value)
    if isinstance(last, ast.Try):
        branches = [last.orelse or last.body, *(handler.body for handler in last.handlers)]
        return always_exits(last.finalbody) or all(always_exits(branch) for branch in branches)
    return False


def has_loose_return(tree: ast.Module) -> bool:
    """Return whether a module has a return outside of any function: then it is a body, not a module."""
    # ast.parse accepts this; only compiling would raise a SyntaxError.
    pending: list[ast.AST] = list(tree.body)
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Return):
            return True
        if isinstance(node, ast.stmt) and not isinstance(
            node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
        ):
            pending.extend(ast.iter_child_nodes(node))
        elif isinstance(node, (ast.ExceptHandler, ast.match_case)):
            pending.extend(node.body)
    return False
