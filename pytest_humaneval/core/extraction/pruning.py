"""Prune a program: remove the statements that only try the solution out.

Kept: what the entry point's definition depends on, by name and transitively, and definitions, imports and
assignments before it. Removed: what calls the entry point, prints, asserts, is under a ``__main__`` guard, or
comes after the definition and is not needed by it. So a model's own wrong test cannot fail its right answer,
and a program that reads input does not wait for any. A class that the prompt names counts as needed: MBPP's
tests make objects of some.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pytest_humaneval.core.extraction.definition import is_definition
from pytest_humaneval.core.extraction.names import Names, names_of
from pytest_humaneval.core.extraction.source import always_exits, first_line, is_stub, parse
from pytest_humaneval.core.problem import Stub

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_IMPORTS = (ast.Import, ast.ImportFrom)
_ASSIGNMENTS = (ast.Assign, ast.AnnAssign, ast.AugAssign)
# They wait for a person or end the process.
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
        """Names that this statement binds, or whose value it changes."""
        return self.names.stores | self.names.mutated

    @property
    def prints_or_asserts(self) -> bool:
        """Whether it prints, asserts or is under a ``__main__`` guard."""
        used = self.names.loads & {"print", "__name__"}
        return bool(used) or any(isinstance(node, ast.Assert) for node in ast.walk(self.node))


def without_usage(program: str, stub: Stub) -> str:
    """Return a program without the top-level statements that only use the solution."""
    tree = parse(program)
    if tree is None:
        return program
    lines = program.split("\n")
    parts = _parts(tree)
    kept = _Pruning(parts, stub.entry_point, _named_classes(parts, stub.prompt)).kept()
    if not kept or len(kept) == len(parts):
        return program
    spans = dict.fromkeys((part.start, part.end) for part in kept)
    return "\n".join("\n".join(lines[start:end]) for start, end in spans) + "\n"


def _parts(tree: ast.Module) -> list[_Part]:
    """Return a module's statements; comments and blank lines belong to the statement after them.

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


def _named_classes(parts: Sequence[_Part], prompt: str) -> frozenset[str]:
    """Return the names of a program's classes that occur in the prompt."""
    classes = {part.node.name for part in parts if isinstance(part.node, ast.ClassDef)}
    return frozenset(name for name in classes if re.search(rf"\b{re.escape(name)}\b", prompt))


class _Pruning:
    """Decides which parts of a program stay: what ``entry_point`` and the classes ``also`` need."""

    def __init__(self, parts: Sequence[_Part], entry_point: str, also: frozenset[str]) -> None:
        self._parts = parts
        self._entry_point = entry_point
        self._also = also
        self._callers = self._callers_of({entry_point})
        self._interactive = self._callers_of(_INTERACTIVE)
        self._needed = self._dependencies()
        own = [
            index for index, part in enumerate(parts) if entry_point in part.binds and index in self._needed
        ]
        self._last = max(own, default=-1)
        self._always_exits = any(always_exits(getattr(parts[index].node, "body", [])) for index in own)

    def kept(self) -> list[_Part]:
        real = {name for part in self._parts for name in part.names.stores if not is_stub(part.node)}
        stays = [
            part
            for index, part in enumerate(self._parts)
            if index in self._needed or self._is_harmless(index)
        ]
        # A base model that goes on may write the signature again with an empty body, which would replace the
        # real one.
        return [part for part in stays if not (is_stub(part.node) and part.names.stores <= real)]

    def _callers_of(self, names: Iterable[str]) -> set[str]:
        """Return ``names`` and the names of all definitions that use one of them, also indirectly."""
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

    def _dependencies(self) -> set[int]:
        """Return the indices of the parts that the needed definitions depend on, including their own."""
        providers = defaultdict(list)
        for index, part in enumerate(self._parts):
            for name in self._provided_by(part):
                providers[name].append(index)
        needed: set[int] = set()
        seen, pending = {self._entry_point, *self._also}, [self._entry_point, *self._also]
        while pending:
            for index in providers[pending.pop()]:
                if index not in needed:
                    needed.add(index)
                    found = (self._parts[index].names.loads | self._parts[index].binds) - seen
                    pending.extend(found)
                    seen |= found
        return needed

    def _provided_by(self, part: _Part) -> set[str]:
        """Return the names for which this part is needed, if one of them is."""
        provided = set(part.binds)
        # "area = area(3)" stores a result under the name: it uses the solution and is no definition of it.
        if self._entry_point in part.names.stores and not is_definition(part.node, self._entry_point):
            provided.discard(self._entry_point)
        if part.is_definition or isinstance(part.node, _IMPORTS):
            return provided
        # What calls the entry point is usage, unless it defines it anew: "area = cached(area)".
        if part.names.loads & (self._callers | self._interactive):
            return provided & {self._entry_point}
        if isinstance(part.node, _ASSIGNMENTS) or part.prints_or_asserts:
            return provided
        # A call such as "TABLE.append(1)" binds nothing but may change any object that it names.
        return provided | (part.names.loads - {self._entry_point})

    def _is_harmless(self, index: int) -> bool:
        """Return whether a part that the entry point does not need may stay nevertheless."""
        part, before = self._parts[index], index < self._last
        # It may be the body's own last line on the wrong column: then the syntax error is the model's, and
        # stays.
        if isinstance(part.node, ast.Return):
            return not self._always_exits
        if part.is_definition or isinstance(part.node, _IMPORTS):
            return before
        if isinstance(part.node, ast.Expr):
            return self._is_harmless_expression(part.node.value, first=index == 0)
        is_usage = part.names.loads & (self._callers | self._interactive)
        return before and isinstance(part.node, _ASSIGNMENTS) and not is_usage

    def _is_harmless_expression(self, value: ast.expr, *, first: bool) -> bool:
        # The module's docstring.
        if isinstance(value, ast.Constant):
            return first
        # sys.setrecursionlimit and sys.set_int_max_str_digits: a deep or long computation fails without them.
        called = value.func if isinstance(value, ast.Call) else None
        return (
            isinstance(called, ast.Attribute)
            and isinstance(called.value, ast.Name)
            and called.value.id == "sys"
            and called.attr.startswith("set")
        )
