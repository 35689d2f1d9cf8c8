"""Pruning a program: what only tries the solution out is not a part of it.

A definition is always kept. Another top-level statement is kept if the entry point's definition needs what it
does; it goes if it runs the entry point, prints, asserts, stands under a ``__main__`` guard or, after the
definition, serves nothing. So a model's own wrong test cannot fail its right answer.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass

from pytest_humaneval.core.extraction.names import Names, names_of
from pytest_humaneval.core.extraction.source import first_line, is_stub, parse

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_IMPORTS = (ast.Import, ast.ImportFrom)
_ASSIGNMENTS = (ast.Assign, ast.AnnAssign, ast.AugAssign)
_TALKING = {"print", "input", "exit", "quit", "breakpoint", "help"}


@dataclass(frozen=True)
class Part:
    """A top-level statement: its tree, its names and its lines (from 0, the end excluded)."""

    node: ast.stmt
    names: Names
    start: int
    end: int

    @property
    def binds(self) -> set[str]:
        """Names whose value this statement makes or changes."""
        return self.names.stores | self.names.mutated


def without_usage(program: str, entry_point: str) -> str:
    """Return a program without the top-level statements that only use the solution."""
    tree = parse(program)
    if tree is None:
        return program
    lines = program.split("\n")
    parts = _parts(tree, lines)
    needed = _needed(parts, entry_point)
    last = max((index for index, part in enumerate(parts) if entry_point in part.binds), default=-1)
    real = {name for part in parts for name in part.names.stores if not is_stub(part.node)}
    kept = [
        part
        for index, part in enumerate(parts)
        if index in needed or _harmless(part, parts, entry_point, before=index < last)
    ]
    kept = [part for part in kept if not (is_stub(part.node) and part.names.stores <= real)]
    if len(kept) == len(parts):
        return program
    return "\n".join("\n".join(lines[part.start : part.end]) for part in kept) + "\n"


def _parts(tree: ast.Module, lines: list[str]) -> list[Part]:
    """Return the statements of a module; comments and blank lines go with the statement they precede."""
    parts: list[Part] = []
    start = 0
    for node in tree.body:
        end = node.end_lineno or node.lineno
        if parts and first_line(node) < parts[-1].end:  # two statements on a line stay together
            start = parts[-1].start
        parts.append(Part(node, names_of([node]), start, end))
        start = end
    return parts


def _needed(parts: list[Part], entry_point: str) -> set[int]:
    """Return the indices of the statements that the entry point's definition depends on, itself included."""
    needed: set[int] = set()
    wanted, seen = {entry_point}, set[str]()
    while wanted:
        name = wanted.pop()
        seen.add(name)
        for index, part in enumerate(parts):
            if index not in needed and _serves(part, name, parts, entry_point):
                needed.add(index)
                wanted |= part.names.loads - seen
    return needed


def _serves(part: Part, name: str, parts: list[Part], entry_point: str) -> bool:
    if name in part.binds:
        return name == entry_point or isinstance(part.node, _DEFINITIONS) or not _runs(part, parts, entry_point)
    if isinstance(part.node, (*_DEFINITIONS, *_IMPORTS, *_ASSIGNMENTS, ast.Assert)) or name == entry_point:
        return False
    return name in part.names.loads and not _talks(part) and not _runs(part, parts, entry_point)


def _harmless(part: Part, parts: list[Part], entry_point: str, *, before: bool) -> bool:
    node = part.node
    if isinstance(node, _DEFINITIONS):
        return True
    if isinstance(node, _IMPORTS):
        return before
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return node is parts[0].node
    if isinstance(node, ast.Expr) and "sys" in part.names.loads:
        return not _runs(part, parts, entry_point)
    return isinstance(node, _ASSIGNMENTS) and before and not _runs(part, parts, entry_point)


def _talks(part: Part) -> bool:
    return bool(part.names.loads & (_TALKING | {"__name__"}))


def _runs(part: Part, parts: list[Part], entry_point: str) -> bool:
    """Tell whether executing a statement may call the entry point, through whatever it names."""
    if isinstance(part.node, _DEFINITIONS):
        return False
    reached, wanted = set[str](), set(part.names.loads)
    while wanted:
        name = wanted.pop()
        reached.add(name)
        if name == entry_point:
            return True
        for other in parts:
            if isinstance(other.node, _DEFINITIONS) and name in other.names.stores:
                wanted |= other.names.loads - reached
    return False
