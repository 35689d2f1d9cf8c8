"""Pruning a program: what only tries the solution out is no part of it.

What the entry point's definition depends on stays, by name and transitively, and so do definitions, imports
and assignments before it. What runs the entry point, prints, asserts, stands under a ``__main__`` guard or
comes after the definition and serves nothing goes. So a model's own wrong test cannot fail its right answer,
and a program that asks for input does not wait for any.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pytest_humaneval.core.extraction.definition import is_definition
from pytest_humaneval.core.extraction.names import Names, names_of
from pytest_humaneval.core.extraction.source import always_leaves, first_line, is_stub, parse

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_IMPORTS = (ast.Import, ast.ImportFrom)
_ASSIGNMENTS = (ast.Assign, ast.AnnAssign, ast.AugAssign)
_INTERACTIVE = {"input", "exit", "quit", "breakpoint", "help"}


@dataclass(frozen=True)
class _Part:
    """A top-level statement: its tree, its names, its lines (from 0, the end excluded)."""

    node: ast.stmt
    names: Names
    start: int
    end: int

    @property
    def is_definition(self) -> bool:
        return isinstance(self.node, _DEFINITIONS)

    @property
    def binds(self) -> set[str]:
        """Names whose value this statement makes or changes."""
        return self.names.stores | self.names.mutated

    @property
    def talks(self) -> bool:
        """Whether it prints, asserts or stands under a ``__main__`` guard."""
        says = self.names.loads & {"print", "__name__"}
        return bool(says) or any(isinstance(node, ast.Assert) for node in ast.walk(self.node))


def without_usage(program: str, entry_point: str) -> str:
    """Return a program without the top-level statements that only use the solution."""
    tree = parse(program)
    if tree is None:
        return program
    lines = program.split("\n")
    parts = _parts(tree)
    kept = _Pruning(parts, entry_point).kept()
    if not kept or len(kept) == len(parts):
        return program
    spans = dict.fromkeys((part.start, part.end) for part in kept)
    return "\n".join("\n".join(lines[start:end]) for start, end in spans) + "\n"


def _parts(tree: ast.Module) -> list[_Part]:
    """Return a module's statements, comments and blank lines with the one that they precede.

    Statements that share a line share their span, so that they stay or go with the line.
    """
    parts: list[_Part] = []
    for node in tree.body:
        end = node.end_lineno or node.lineno
        start = parts[-1].end if parts else 0
        if parts and first_line(node) < start:
            start, end = parts[-1].start, max(end, start)
        parts.append(_Part(node, names_of([node]), start, end))
    return parts


class _Pruning:
    """Which parts of a program stay."""

    def __init__(self, parts: Sequence[_Part], entry_point: str) -> None:
        self._parts = parts
        self._entry_point = entry_point
        self._running = self._leading_to({entry_point})
        self._interactive = self._leading_to(_INTERACTIVE)
        self._needed = self._closure()
        own = [
            index for index, part in enumerate(parts) if entry_point in part.binds and index in self._needed
        ]
        self._last = max(own, default=-1)
        self._leaves = any(always_leaves(getattr(parts[index].node, "body", [])) for index in own)

    def kept(self) -> list[_Part]:
        real = {name for part in self._parts for name in part.names.stores if not is_stub(part.node)}
        stays = [
            part for index, part in enumerate(self._parts) if index in self._needed or self._harmless(index)
        ]
        return [part for part in stays if not (is_stub(part.node) and part.names.stores <= real)]

    def _leading_to(self, names: Iterable[str]) -> set[str]:
        """Return ``names`` and those of the definitions that use one of them, at any remove."""
        users = defaultdict(list)
        for part in self._parts:
            if part.is_definition:
                for name in part.names.loads:
                    users[name].append(part)
        found, pending = set(names), list(names)
        while pending:
            for part in users[pending.pop()]:
                pending.extend(part.names.stores - found)
                found |= part.names.stores
        return found

    def _closure(self) -> set[int]:
        """Return the indices of the parts that the entry point's definition depends on, its own included."""
        serving = defaultdict(list)
        for index, part in enumerate(self._parts):
            for name in self._serves(part):
                serving[name].append(index)
        needed: set[int] = set()
        seen, pending = {self._entry_point}, [self._entry_point]
        while pending:
            for index in serving[pending.pop()]:
                if index not in needed:
                    needed.add(index)
                    loads = self._parts[index].names.loads - seen
                    pending.extend(loads)
                    seen |= loads
        return needed

    def _serves(self, part: _Part) -> set[str]:
        """Return the names that whoever needs them needs this part for."""
        serves = set(part.binds)
        if self._entry_point in part.names.stores and not is_definition(part.node, self._entry_point):
            serves.discard(self._entry_point)
        if part.is_definition or isinstance(part.node, _IMPORTS):
            return serves
        if part.names.loads & (self._running | self._interactive):
            return serves & {self._entry_point}
        if isinstance(part.node, _ASSIGNMENTS) or part.talks:
            return serves
        return serves | (part.names.loads - {self._entry_point})  # it may change what it names

    def _harmless(self, index: int) -> bool:
        """Tell whether a part that the entry point does not need may stay all the same."""
        part, before = self._parts[index], index < self._last
        if isinstance(part.node, ast.Return):
            return not self._leaves  # may be the body's own last line, on the wrong column: a syntax error
        if part.is_definition or isinstance(part.node, _IMPORTS):
            return before
        if isinstance(part.node, ast.Expr):
            return self._is_harmless_expression(part.node.value, first=index == 0)
        runs = part.names.loads & (self._running | self._interactive)
        return before and isinstance(part.node, _ASSIGNMENTS) and not runs

    def _is_harmless_expression(self, value: ast.expr, *, first: bool) -> bool:
        if isinstance(value, ast.Constant):
            return first  # the module's docstring
        called = value.func if isinstance(value, ast.Call) else None
        return (
            isinstance(called, ast.Attribute)
            and isinstance(called.value, ast.Name)
            and called.value.id == "sys"
            and called.attr.startswith("set")  # setrecursionlimit, set_int_max_str_digits
        )
