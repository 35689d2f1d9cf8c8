"""Make a program of code: a module goes after the prompt's preamble, a body after the whole prompt.

Nothing is removed from an answer's module here, so its own helpers and imports stay.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from functools import lru_cache

from pytest_humaneval.core.extraction.lines import split_statements
from pytest_humaneval.core.extraction.names import names_of
from pytest_humaneval.core.extraction.source import first_line, parse
from pytest_humaneval.core.problem import Stub


def under_signature(body: str, stub: Stub) -> str:
    """Return the prompt, continued by a body; where there is a gap to fill, with what follows the gap."""
    return stub.prompt + body + stub.suffix


def under_preamble(module: str, stub: Stub) -> str:
    """Return a module, preceded by those statements of the prompt's preamble that it does not begin with.

    An answer of the entry point alone needs them: the tests of HumanEval/32, 38 and 50 call the prompt's
    helper.
    """
    before = preamble(stub)
    own = set(_leading(module, before))
    missing = [part for part in (*before, *_inner_imports_for(module, stub)) if part not in own]
    if not missing:
        return module
    future, rest = _split_future(module)
    return "\n\n\n".join(part for part in (future, "\n".join(missing), rest.lstrip("\n")) if part)


@lru_cache(maxsize=512)
def preamble(stub: Stub) -> tuple[str, ...]:
    """Return the source of each statement of the prompt before the entry point's definition."""
    found = []
    for part in split_statements(stub.prompt):
        source = part.strip("\n")
        tree = parse(source)
        # None: a prompt may end with a signature and no docstring, which is no statement yet.
        if tree is None or stub.entry_point in names_of(tree.body).stores:
            break
        if tree.body:
            found.append(source)
    return tuple(found)


def body_indentation(stub: Stub) -> str:
    """Return the white space with which the prompt's function indents its body; four spaces if unknown."""
    body = _stub_body(stub)
    line = stub.prompt.split("\n")[body[0].lineno - 1] if body else ""
    return line[: len(line) - len(line.lstrip())] or "    "


def _stub_body(stub: Stub) -> Sequence[ast.stmt]:
    tree = parse(stub.prompt)
    last = tree.body[-1] if tree and tree.body else None
    return last.body if isinstance(last, (ast.FunctionDef, ast.AsyncFunctionDef)) else []


def _inner_imports_for(module: str, stub: Stub) -> list[str]:
    """Return the prompt's imports inside the entry point that a module uses without importing them.

    HumanEval/115 has one: a model that repeats only the signature relies on it.
    """
    imports = [part for part in _stub_body(stub) if isinstance(part, (ast.Import, ast.ImportFrom))]
    tree = parse(module) if imports else None
    names = names_of(tree.body if tree else [])
    missing = names.loads - names.stores
    return [ast.unparse(part) for part in imports if names_of([part]).stores & missing]


def _leading(module: str, known: Sequence[str]) -> list[str]:
    """Return the statements at a module's beginning that are imports, a docstring or among ``known``."""
    # Only those at the beginning are sure to run before the code that needs them.
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


def _split_future(module: str) -> tuple[str, str]:
    """Return a module's ``from __future__`` imports, which must come first in a file, and the rest of it."""
    if "__future__" not in module:
        return "", module
    parts = split_statements(module)
    future = [part for part in parts if part.lstrip().startswith("from __future__ import")]
    return "\n".join(future), "\n".join(part for part in parts if part not in future)
