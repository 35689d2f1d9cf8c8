"""The signature of a prompt's function, read from a prompt that may be no whole program."""

from __future__ import annotations

import ast
import re

from pytest_humaneval.core.problem import Stub


def definition(name: str) -> re.Pattern[str]:
    """Return a pattern that matches where a function is defined, up to its name."""
    return re.compile(rf"^[ \t]*(?:async[ \t]+)?def[ \t]+{re.escape(name)}\b", re.MULTILINE)


def signature_of(stub: Stub) -> ast.FunctionDef | None:
    """Return the entry point, its body empty; None where the prompt does not define it."""
    match = definition(stub.entry_point).search(stub.prompt)
    header = re.match(r"\s*\(([^()]*(?:\([^()]*\)[^()]*)*)\)", stub.prompt[match.end() :]) if match else None
    try:
        found = ast.parse(f"def f({header[1]}): pass").body[0] if header else None
    except SyntaxError:
        return None
    return found if isinstance(found, ast.FunctionDef) else None


def parameters_of(stub: Stub) -> list[str]:
    """Return the names of the entry point's parameters; none where the prompt does not define it."""
    signature = signature_of(stub)
    return [each.arg for each in signature.args.args] if signature else []
