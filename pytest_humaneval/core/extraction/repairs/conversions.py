"""Repairs of conversions between text and numbers, in any problem."""

from __future__ import annotations

import ast

from pytest_humaneval.core.extraction.repairs.rewriting import Function, calls, expression, rewritten
from pytest_humaneval.core.problem import Stub


def skip_minus_signs(program: str, stub: Stub) -> str:
    """Return a program that skips the minus sign where it converts each character of a number to an int."""
    return rewritten(program, stub, _skip_minus_signs)


def _skip_minus_signs(function: Function) -> bool:
    digits = {ast.unparse(argument) for call in calls(function, "int") for argument in call.args}
    changed = False
    for node in ast.walk(function):
        if not isinstance(node, (ast.For, ast.comprehension)) or not _is_call(node.iter, "str"):
            continue
        if ast.unparse(node.target) in digits:
            node.iter = expression(f"{ast.unparse(node.iter)}.lstrip('-')")
            changed = True
    for call in calls(function, "map"):
        if len(call.args) == 2 and ast.unparse(call.args[0]) == "int" and _is_call(call.args[1], "str"):
            call.args[1] = expression(f"{ast.unparse(call.args[1])}.lstrip('-')")
            changed = True
    return changed


def join_numbers(program: str, stub: Stub) -> str:
    """Return a program that converts numbers to text before it joins them."""
    return rewritten(program, stub, _join_numbers)


def _join_numbers(function: Function) -> bool:
    changed = False
    for call in calls(function, "join"):
        if len(call.args) == 1 and _yields_numbers(call.args[0]):
            call.args[0] = expression(f"map(str, {ast.unparse(call.args[0])})")
            changed = True
    return changed


def _yields_numbers(iterable: ast.expr) -> bool:
    # Only a range is certain: converting what may be text already would change what the code does needlessly.
    if isinstance(iterable, (ast.ListComp, ast.GeneratorExp)):
        each = iterable.generators[0]
        return _is_call(each.iter, "range") and ast.unparse(each.target) == ast.unparse(iterable.elt)
    return _is_call(iterable, "range")


def _is_call(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name
