"""Rewrite the entry point's definition through its syntax tree; the rest of the program stays as it is."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import cast

from pytest_humaneval.core.extraction.source import first_line, parse
from pytest_humaneval.core.parsing import syntax_tree
from pytest_humaneval.core.problem import Stub

Function = ast.FunctionDef | ast.AsyncFunctionDef
Rewrite = Callable[[Function], bool]
"""Changes a function's tree in place; returns whether it changed anything."""


def rewritten(program: str, stub: Stub, rewrite: Rewrite) -> str:
    """Return a program whose entry point is rewritten; the program itself if there is nothing to change."""
    if parse(program) is None:
        return program
    # Unlike parse, this does not mask escapes: the text of the strings goes back into the program.
    try:
        tree = syntax_tree(program)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return program
    lines = program.split("\n")
    functions = (node for node in tree.body if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)))
    for function in functions:
        span = slice(first_line(function), function.end_lineno)
        if function.name == stub.entry_point and rewrite(function):
            lines[span] = ast.unparse(ast.fix_missing_locations(function)).split("\n")
            return "\n".join(lines)
    return program


def parameters(function: Function) -> list[str]:
    """Return the names of a function's positional parameters."""
    return [argument.arg for argument in (*function.args.posonlyargs, *function.args.args)]


def calls(function: Function, name: str) -> list[ast.Call]:
    """Return the calls of a name, or of a method of that name, in a function."""
    found = []
    for node in ast.walk(function):
        called = node.func if isinstance(node, ast.Call) else None
        if isinstance(node, ast.Call) and name == (
            called.id if isinstance(called, ast.Name) else getattr(called, "attr", None)
        ):
            found.append(node)
    return found


def expression(source: str) -> ast.expr:
    """Return the tree of an expression."""
    return cast("ast.Expr", syntax_tree(source).body[0]).value
