"""Refuse a test that imports what is not there where tests run: the standard library alone is.

Such a test would fail for every candidate, its own solution included, as though the candidates were wrong.
"""

from __future__ import annotations

import re
import sys

from pytest_humaneval.core.datasets.row import Row
from pytest_humaneval.core.parsing import syntax_tree

# Parsing takes long where a test holds its inputs and results: only what may be an import is looked at.
_IMPORT = re.compile(r"^[ \t]*(?:import|from)[ \t]+(\w+)", re.MULTILINE)


def check_imports(test: str, row: Row) -> None:
    """Check that a test imports nothing but the standard library.

    Raises:
        ConfigError: it does; one line names the module, and what to use instead.
    """
    foreign = [name for name in _IMPORT.findall(test) if name not in sys.stdlib_module_names]
    if not foreign or not (imported := _imported(test)).intersection(foreign):
        return
    module = next(name for name in foreign if name in imported)
    raise row.error(
        f"the test imports {module!r}, but tests run apart from the candidate, with the standard library "
        "alone; of EvalPlus's, use the file with the fields base_input and plus_input (HumanEvalPlus.jsonl), "
        "whose rules need no numpy; else write the test without it"
    )


def _imported(test: str) -> set[str]:
    """Return the modules that a test imports, other than in a ``try``, which may do without."""
    import ast

    try:
        nodes: list[ast.AST] = [syntax_tree(test)]
    # The judge says that it cannot be compiled.
    except (SyntaxError, ValueError, RecursionError):
        return set()
    names: set[str] = set()
    while nodes:
        node = nodes.pop()
        if isinstance(node, ast.Import):
            names.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            names.add((node.module or "").partition(".")[0])
        elif not isinstance(node, (ast.Try, ast.expr)):
            nodes.extend(ast.iter_child_nodes(node))
    return names
