"""Decide whether an answer that was not cut off ended before its function was whole.

A stop sequence that fits one dataset may end the answers to another one inside a definition, or before the
first one, and nothing else shows it: the finish reason is "stop" for every answer that ends.
"""

from __future__ import annotations

import ast

from pytest_humaneval.core.extraction.lines import NEUTRAL, after, is_code
from pytest_humaneval.core.extraction.names import names_of
from pytest_humaneval.core.extraction.source import parse
from pytest_humaneval.core.problem import Stub
from pytest_humaneval.core.records import Completion

_ENDS = (ast.Return, ast.Yield, ast.YieldFrom, ast.Raise, ast.Pass)
"""What a function that was not cut has somewhere."""


def stopped_early(completion: Completion, solution: str | None, stub: Stub) -> bool:
    """Return whether a text ended, but not at the length limit, before the entry point was whole.

    It did if the program breaks off inside a string, a bracket or a statement's header, or if no function of
    it gives anything, where that is not what the model wrote (``pass``, ``print``). What fills a gap is never
    judged so: its end is not the program's.
    """
    if completion.finish_reason != "stop" or stub.suffix:
        return False
    return solution is None or _breaks_off(solution) or _lacks_function(solution, stub.entry_point)


def _breaks_off(solution: str) -> bool:
    state = NEUTRAL
    lines = solution.rstrip().split("\n")
    for line in lines:
        state = after(line, state)
    return not state.neutral or (is_code(lines[-1]) and lines[-1].endswith(":"))


def _lacks_function(solution: str, entry_point: str) -> bool:
    tree = parse(solution)
    # A text that breaks off nowhere and is no Python was not stopped: the model's own error.
    functions = [part for part in tree.body if isinstance(part, ast.FunctionDef)] if tree else []
    named = [function for function in functions if function.name == entry_point]
    # A whole function of another name is the model's own error too.
    return tree is not None and not any(_is_whole(function) for function in named[-1:] or functions)


def _is_whole(function: ast.FunctionDef) -> bool:
    is_ended = any(isinstance(node, _ENDS) for node in ast.walk(function))
    return is_ended or "print" in names_of(function.body).loads
