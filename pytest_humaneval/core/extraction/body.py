"""Reduce an answer to the body of its function, as other harnesses do, which then append it to the prompt.

Whatever is outside the function (helpers, imports) is lost. So these steps are here for comparison with such
harnesses (post-processing ``post_chat``), not for use.
"""

from __future__ import annotations

import ast
import re

from pytest_humaneval.core.extraction.source import parse
from pytest_humaneval.core.problem import Stub

_FENCED = re.compile(r"```[^\n`]*\n(.*?)\n[ \t]*```", re.DOTALL)


def first_fence(text: str) -> str:
    """Return the content of the first closed fence; without one, the text itself."""
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
