"""Inputs made of a function's annotations, for prompts that show no example."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import Any

from pytest_humaneval.core.problem import Stub
from pytest_humaneval.core.selection.signature import signature_of

_PLAIN: Mapping[str, tuple[Any, Any]] = {
    "int": (3, 12),
    "float": (2.5, 10.0),
    "str": ("abc", "Hello world"),
    "bool": (True, False),
}
_OF_ONE_TYPE: Mapping[str, Callable[[list[Any]], Any]] = {"list": list, "sequence": list, "iterable": list}


class _UnknownTypeError(Exception):
    """No value of an annotated type is known."""


def annotated_inputs(stub: Stub) -> tuple[tuple[Any, ...], ...]:
    """Return two argument lists of the annotated types; none if a parameter has no type known here."""
    signature = signature_of(stub)
    if signature is None or not signature.args.args:
        return ()
    try:
        pairs = [_values(argument.annotation) for argument in signature.args.args]
    except _UnknownTypeError:
        return ()
    return tuple(zip(*pairs, strict=True))


def _values(annotation: ast.expr | None) -> tuple[Any, Any]:
    if isinstance(annotation, ast.Name) and annotation.id in _PLAIN:
        return _PLAIN[annotation.id]
    if not isinstance(annotation, ast.Subscript) or not isinstance(annotation.value, ast.Name):
        raise _UnknownTypeError
    name, inner = annotation.value.id.lower(), annotation.slice
    if name in _OF_ONE_TYPE:
        first, second = _values(inner)
        return _OF_ONE_TYPE[name]([first, second, first]), _OF_ONE_TYPE[name]([second])
    if name == "optional":
        return _values(inner)
    if name in ("dict", "tuple") and isinstance(inner, ast.Tuple):
        return _of_several_types(name, [_values(each) for each in inner.elts])
    raise _UnknownTypeError


def _of_several_types(name: str, pairs: list[tuple[Any, Any]]) -> tuple[Any, Any]:
    if name == "tuple":
        first, second = zip(*pairs, strict=True)
        return first, second
    if len(pairs) != 2:
        raise _UnknownTypeError
    keys, values = pairs
    return dict(zip(keys, values, strict=True)), {keys[0]: values[0]}
