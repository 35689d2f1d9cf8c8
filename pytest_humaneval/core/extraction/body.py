"""Reducing an answer to the body of its function, as harnesses do that complete the prompt with it.

What stands outside the function (helpers, imports) is lost: this is kept to compare with, not to be used.
"""

from __future__ import annotations

import ast
import re

from pytest_humaneval.core.extraction.source import parse
from pytest_humaneval.core.records import Stub

_FENCED = re.compile(r"```[^\n`]*\n(.*?)\n[ \t]*```", re.DOTALL)


def first_fence(text: str) -> str:
    """Return what the first closed fence holds, or the text itself."""
    found = _FENCED.search(text)
    return found.group(1) if found else text


def function_body(text: str, stub: Stub) -> str:
    """Return the entry point's body without its docstring; the text itself if it defines no such function."""
    tree = parse(text)
    for node in tree.body if tree else []:
        if isinstance(node, ast.FunctionDef) and node.name == stub.entry_point:
            body = node.body[1:] if ast.get_docstring(node, clean=False) is not None else node.body
            if body and node.end_lineno:
                return "\n".join(text.split("\n")[body[0].lineno - 1 : node.end_lineno]) + "\n"
    return text
