"""Read plain values out of text: literals, and sums and products of numbers."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

_LONGEST_CHARS = 2_000
"""Of a value: beyond it nothing is tried, since every length is."""

_OPERATORS: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
}
_BOOLEAN = re.compile(r"(true|false)\b")
_OPENING, _CLOSING = "([{", ")]}"


class Found(NamedTuple):
    """A value, and where its text ends."""

    value: object
    end: int


class NotPlainError(ValueError):
    """The text or the tree is not that of a plain value."""


def value_of(node: ast.AST) -> object:
    """Return what an expression of literals stands for.

    Raises:
        NotPlainError: it holds names, calls or something else that is no plain data.
    """
    if isinstance(node, ast.Expression):
        return value_of(node.body)
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        left, right = value_of(node.left), value_of(node.right)
        if not isinstance(left, (int, float)) or not isinstance(right, (int, float)):
            raise NotPlainError("an operation on something else than numbers")
        try:
            return _OPERATORS[type(node.op)](left, right)
        except ArithmeticError as error:
            raise NotPlainError(str(error)) from error
    try:
        found: object = ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError) as error:
        raise NotPlainError(str(error)) from error
    return found


def leading_value(text: str) -> Found | None:
    """Return the longest plain value at the beginning of a text, on one line unless a bracket is open.

    ``true`` and ``false`` count as Python's own. A value that ends inside a word or a quoted text is none.
    """
    start = len(text) - len(text.lstrip(" \t"))
    if boolean := _BOOLEAN.match(text, start):
        return Found(boolean[1] == "true", boolean.end())
    for end in range(_line_end(text, start), start, -1):
        if _may_end(text, end):
            try:
                return Found(parsed(text[start:end]), end)
            except NotPlainError:
                continue
    return None


def parsed(text: str) -> object:
    """Return the plain value of a whole text.

    Raises:
        NotPlainError: it is not one.
    """
    try:
        return value_of(ast.parse(text.strip(), mode="eval"))
    except (SyntaxError, ValueError, MemoryError, RecursionError) as error:
        raise NotPlainError(str(error)) from error


def _may_end(text: str, end: int) -> bool:
    """Return whether a value may end before ``end``: not at a comma, nor inside a word or a quoted text."""
    if text[end - 1].isspace() or text[end - 1] == ",":
        return False
    following = text[end : end + 1]
    return not (following.isalnum() or following in ("_", "'", '"')) or not following


def _line_end(text: str, start: int) -> int:
    """Return where the line ends on which all brackets that are opened on the first one are closed."""
    depth, quote = 0, ""
    for index in range(start, min(len(text), start + _LONGEST_CHARS)):
        character = text[index]
        if quote:
            quote = "" if character == quote and text[index - 1] != "\\" else quote
        elif character in "'\"":
            quote = character
        elif character in _OPENING:
            depth += 1
        elif character in _CLOSING:
            depth -= 1
        if character == "\n" and (depth <= 0 or quote):
            return index
    return min(len(text), start + _LONGEST_CHARS)
