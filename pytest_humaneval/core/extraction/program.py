"""From code to a program: a module gets the prompt's preamble before it, a body the prompt's signature.

Nothing of an answer's module is taken away here, so its own helpers and imports stay.
"""

from __future__ import annotations

import ast
from functools import lru_cache

from pytest_humaneval.core.extraction.lines import split_statements
from pytest_humaneval.core.extraction.names import names_of
from pytest_humaneval.core.extraction.source import always_leaves, first_line, is_stub, parse
from pytest_humaneval.core.records import Stub


def defines(source: str, entry_point: str) -> bool:
    """Tell whether a text is a module that binds the entry point to more than a stub."""
    tree = parse(source)
    return tree is not None and any(_binds(statement, entry_point) for statement in tree.body)


def _binds(statement: ast.stmt, name: str) -> bool:
    return name in names_of([statement]).stores and not is_stub(statement)


def under_preamble(module: str, stub: Stub) -> str:
    """Return a module with those parts of the prompt's preamble before it that it does not begin with itself."""
    own = set(_leading(module, frozenset(preamble(stub))))
    missing = [part for part in (*preamble(stub), *_needed_inner_imports(module, stub)) if part not in own]
    if not missing:
        return module
    future, rest = _split_future(module)
    return "\n\n\n".join(part for part in ("\n".join(future), "\n".join(missing), rest) if part)


def _split_future(module: str) -> tuple[list[str], str]:
    """Take the ``from __future__`` imports out of a module: they must stay the first statements."""
    if "__future__" not in module:
        return [], module
    parts = split_statements(module)
    future = [part for part in parts if part.lstrip().startswith("from __future__ import")]
    return future, "\n".join(part for part in parts if part not in future)


def under_signature(body: str, stub: Stub) -> str:
    """Return a program: the prompt, continued by a body."""
    return stub.prompt + body


@lru_cache(maxsize=512)
def preamble(stub: Stub) -> tuple[str, ...]:
    """Return the source of each statement that the prompt makes before the entry point's definition."""
    found = []
    for part in split_statements(stub.prompt):
        tree = parse(part.strip("\n"))
        if tree is None or any(stub.entry_point in names_of([node]).stores for node in tree.body):
            break
        if tree.body:
            found.append(part.strip("\n"))
    return tuple(found)


def _needed_inner_imports(module: str, stub: Stub) -> list[str]:
    """Return the imports that the prompt makes inside the entry point and that a module relies on."""
    tree = parse(module)
    names = names_of(tree.body if tree else [])
    missing = names.loads - names.stores
    return [source for source, bound in _inner_imports(stub) if bound & missing]


@lru_cache(maxsize=512)
def _inner_imports(stub: Stub) -> tuple[tuple[str, frozenset[str]], ...]:
    tree = parse(stub.prompt)
    last = tree.body[-1] if tree and tree.body else None
    body = last.body if isinstance(last, (ast.FunctionDef, ast.AsyncFunctionDef)) else []
    imports = [part for part in body if isinstance(part, (ast.Import, ast.ImportFrom))]
    return tuple((ast.unparse(part), frozenset(names_of([part]).stores)) for part in imports)


def body_indentation(stub: Stub) -> str:
    """Return the white space that the body of the prompt's function is indented with; four spaces if unknown."""
    tree = parse(stub.prompt)
    last = tree.body[-1] if tree and tree.body else None
    if isinstance(last, (ast.FunctionDef, ast.AsyncFunctionDef)):
        line = stub.prompt.split("\n")[last.body[0].lineno - 1]
        return line[: len(line) - len(line.lstrip())] or "    "
    return "    "


def _leading(module: str, known: frozenset[str]) -> list[str]:
    """Return the statements a module begins with, as long as they are imports or known ones."""
    leading = []
    tree = parse(module)
    lines = module.split("\n")
    for statement in tree.body if tree else []:
        text = "\n".join(lines[first_line(statement) : statement.end_lineno])
        is_docstring = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
        if not (text in known or is_docstring or isinstance(statement, (ast.Import, ast.ImportFrom))):
            break
        leading.append(text)
    return leading


@lru_cache(maxsize=256)
def without_broken_parts(program: str, entry_point: str) -> str:
    """Return a program without the top-level parts that are not Python: prose, a broken tail.

    The entry point's own definition may lose a broken tail only where nothing can fall into it, since a body
    that breaks off before it returns is the model's own error, to be seen as such.
    """
    if parse(program):
        return program
    kept = []
    for part in split_statements(program):
        if parse(part):
            kept.append(part)
        elif (repaired := _without_tail(part, entry_point)) is not None:
            kept.append(repaired)
    return "\n".join(kept)


def _without_tail(definition: str, name: str) -> str | None:
    """Return the longest beginning of a broken definition of ``name`` that parses and always returns."""
    if name not in definition:
        return None
    lines = definition.split("\n")
    for end in range(len(lines) - 1, 0, -1):
        if not lines[end - 1].strip():
            continue
        source = "\n".join(lines[:end])
        tree = parse(source)
        last = tree.body[-1] if tree and tree.body else None
        if isinstance(last, (ast.FunctionDef, ast.AsyncFunctionDef)) and last.name == name:
            return source if always_leaves(last.body) else None
    return None
