"""Parts of a problem's prompt for templates that put it otherwise: signature, docstring, examples.

Each is empty where a prompt has none; a prompt that was cut before its docstring's end has no docstring.
"""

from __future__ import annotations

import ast
import inspect
import re
import warnings
from collections.abc import Iterator

from pytest_humaneval.core.parsing import syntax_tree
from pytest_humaneval.core.problem import Problem, Stub
from pytest_humaneval.core.selection.examples import Example, read_examples

# What may stand between a header and its docstring: comments, and imports in HumanEval/115.
_GAP = re.compile(r"(?:[ \t]*(?:(?:#|import[ \t]|from[ \t])[^\n]*)?\n)*[ \t]*")
_LITERAL = re.compile(r"[rRuU]?(\"\"\"|'''|\"|')(?:\\.|(?!\1).)*\1", re.DOTALL)


def signature(problem: Problem) -> str:
    """Return the header of the function, as it stands: ``def name(...) -> ...:``."""
    return problem.prompt[slice(*_header(problem.stub))].strip()


def docstring(problem: Problem) -> str:
    """Return the text of the function's docstring without its indentation (PEP 257).

    Of a prompt that defines no such function, as MBPP's: of the docstring that the prompt begins with.
    """
    _, end = _header(problem.stub)
    found = _LITERAL.match(problem.prompt, _end_of_gap(problem.prompt, end))
    return inspect.cleandoc(_value(found[0])) if found else ""


def examples(problem: Problem) -> str:
    """Return the examples that the prompt shows, whatever their form, as doctests (one line each or more)."""
    return "\n".join(line for each in read_examples(problem.stub) for line in _doctest(problem, each))


def _header(stub: Stub) -> tuple[int, int]:
    """Return where the entry point's last definition begins, and where its body does; (0, 0) for none."""
    pattern = re.compile(rf"^[ \t]*(?:async[ \t]+)?def[ \t]+{re.escape(stub.entry_point)}\b", re.MULTILINE)
    starts = [match.start() for match in pattern.finditer(stub.prompt)]
    for start in reversed(starts):
        for colon in re.finditer(":", stub.prompt[start:]):
            end = start + colon.end()
            if _is_header(stub.prompt[start:end].strip()):
                return start, end
    return 0, 0


def _is_header(text: str) -> bool:
    # A colon may be one of an annotation, a default value or a slice.
    try:
        syntax_tree(f"{text} pass")
    except (SyntaxError, ValueError):
        return False
    return True


def _end_of_gap(prompt: str, start: int) -> int:
    found = _GAP.match(prompt, start)
    return found.end() if found else start


def _value(literal: str) -> str:
    try:
        with warnings.catch_warnings():
            # Docstrings with a backslash that escapes nothing are common.
            warnings.simplefilter("ignore")
            return str(ast.literal_eval(literal))
    except (SyntaxError, ValueError):
        return ""


def _doctest(problem: Problem, example: Example) -> Iterator[str]:
    call = f"{problem.entry_point}({', '.join(map(repr, example.arguments))})"
    yield f">>> {call}" if example.digits is None else f">>> round({call}, {example.digits})"
    if example.raises:
        yield from ("Traceback (most recent call last):", "    ...", example.raises)
    elif example.expected is not None:
        yield repr(example.expected)
