"""Find the names that code binds and those that it needs, by Python's scoping rules, without running it."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field

_Function = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


@dataclass
class Names:
    """The names of one scope.

    Attributes:
        loads: names read, here or freely in a function defined here.
        stores: names bound here.
        mutated: names whose attributes or items are assigned here.
        declared: names that ``global`` or ``nonlocal`` gives to an outer scope.
    """

    loads: set[str] = field(default_factory=set)
    stores: set[str] = field(default_factory=set)
    mutated: set[str] = field(default_factory=set)
    declared: set[str] = field(default_factory=set)


def names_of(nodes: Iterable[ast.AST]) -> Names:
    """Return the names of a scope that consists of these nodes."""
    names = Names()
    pending = list(nodes)
    while pending:
        pending.extend(_visit(pending.pop(), names))
    return names


def _visit(node: ast.AST, names: Names) -> Iterable[ast.AST]:
    """Record a node's own names; return the child nodes that belong to the same scope."""
    if isinstance(node, _Function):
        return _function(node, names)
    if isinstance(node, ast.ClassDef):
        names.stores.add(node.name)
        # All loads, though the class may bind some itself: a method cannot see the names of its class's
        # scope.
        names.loads |= names_of(node.body).loads
        return [*node.decorator_list, *node.bases, *node.keywords]
    _simple(node, names)
    return ast.iter_child_nodes(node)


def _simple(node: ast.AST, names: Names) -> None:
    if isinstance(node, ast.Name):
        (names.loads if isinstance(node.ctx, ast.Load) else names.stores).add(node.id)
    elif isinstance(node, (ast.Attribute, ast.Subscript)) and not isinstance(node.ctx, ast.Load):
        names.mutated |= _base_name(node)
    elif isinstance(node, ast.alias):
        # "import a.b" binds "a".
        names.stores.add((node.asname or node.name).split(".")[0])
    elif isinstance(node, (ast.Global, ast.Nonlocal)):
        names.declared.update(node.names)
    elif isinstance(node, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)) and node.name:
        names.stores.add(node.name)


def _function(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, names: Names) -> Iterable[ast.AST]:
    body = [node.body] if isinstance(node, ast.Lambda) else node.body
    inner = names_of(body)
    arguments = {argument.arg for argument in ast.walk(node.args) if isinstance(argument, ast.arg)}
    names.loads |= inner.loads - ((inner.stores | arguments) - inner.declared)
    names.mutated |= inner.declared & inner.stores
    # Defaults, annotations and decorators are evaluated in the scope around the function.
    outer: list[ast.AST] = [node.args]
    if not isinstance(node, ast.Lambda):
        names.stores.add(node.name)
        outer += [*node.decorator_list, *([node.returns] if node.returns else [])]
    return outer


def _base_name(node: ast.expr) -> set[str]:
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        node = node.value
    return {node.id} if isinstance(node, ast.Name) else set()
