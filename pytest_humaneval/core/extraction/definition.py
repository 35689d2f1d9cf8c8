"""Decide whether a module defines the entry point, and whether with more than a stub."""

from __future__ import annotations

import ast
import sys

from pytest_humaneval.core.extraction.names import names_of
from pytest_humaneval.core.extraction.source import has_loose_return, is_stub, parse

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def defines(source: str, entry_point: str, *, stubs: bool = False) -> bool:
    """Return whether a text is a module that defines the entry point.

    Args:
        source: the text.
        entry_point: the name to be defined.
        stubs: whether a definition that does nothing counts.
    """
    tree = parse(source)
    if tree is None:
        return False
    found = [part for part in tree.body if is_definition(part, entry_point) and (stubs or not is_stub(part))]
    if any(isinstance(part, (*_FUNCTIONS, ast.ClassDef)) for part in found):
        return True
    # With a return outside of any function the text is a body, and the name is a local variable of it.
    return bool(found) and not has_loose_return(tree)


def is_definition(statement: ast.stmt, name: str) -> bool:
    """Return whether a top-level statement defines a name.

    An assignment does unless it calls the name (``area = area(3)`` uses it). An import from the standard
    library does, but not one from another module: models write ``from solution import area`` in their usage
    examples.
    """
    if isinstance(statement, (*_FUNCTIONS, ast.ClassDef)):
        return statement.name == name
    if isinstance(statement, ast.ImportFrom):
        known = (statement.module or "").split(".")[0] in sys.stdlib_module_names
        return known and name in names_of([statement]).stores
    if isinstance(statement, (ast.Expr, ast.Import)):
        return False
    return name in names_of([statement]).stores and not _calls(statement, name)


def _calls(statement: ast.stmt, name: str) -> bool:
    calls = (node for node in ast.walk(statement) if isinstance(node, ast.Call))
    return any(isinstance(call.func, ast.Name) and call.func.id == name for call in calls)
