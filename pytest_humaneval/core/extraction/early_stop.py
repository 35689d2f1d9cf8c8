"""Decide whether an answer that was not cut off ended before its function was whole.

A stop sequence that fits one dataset may end the answers to another one inside a definition, or before the
first one, and nothing else shows it: the finish reason is "stop" for every answer that ends.
"""

from __future__ import annotations

import ast

from pytest_humaneval.core.extraction.definition import defines
from pytest_humaneval.core.extraction.lines import NEUTRAL, State, after, is_code
from pytest_humaneval.core.extraction.names import names_of
from pytest_humaneval.core.extraction.source import parse
from pytest_humaneval.core.problem import Stub
from pytest_humaneval.core.records import Completion

_EXITS = (ast.Return, ast.Yield, ast.YieldFrom, ast.Raise)


def stopped_early(completion: Completion, solution: str | None, stub: Stub) -> bool:
    """Return whether a text ended, but not at the length limit, before the entry point was whole.

    It was not if the program lacks the entry point, breaks off inside a string, a bracket or a statement's
    header, or has an entry point that neither returns nor prints. What fills a gap is never judged so: its
    end is not the program's.
    """
    if completion.finish_reason != "stop" or stub.suffix:
        return False
    return solution is None or _breaks_off(solution) or _is_incomplete(solution, stub.entry_point)


def _breaks_off(solution: str) -> bool:
    state: State = NEUTRAL
    lines = solution.rstrip().split("\n")
    for line in lines:
        state = after(line, state)
    return not state.neutral or (is_code(lines[-1]) and lines[-1].endswith(":"))


def _is_incomplete(solution: str, entry_point: str) -> bool:
    tree = parse(solution)
    # A text that breaks off nowhere and is no Python was not stopped: the model's own error.
    if tree is None:
        return False
    if not defines(solution, entry_point):
        return True
    functions = [part for part in tree.body if isinstance(part, ast.FunctionDef) and part.name == entry_point]
    return bool(functions) and not _gives_something(functions[-1])


def _gives_something(function: ast.FunctionDef) -> bool:
    exits = any(isinstance(node, _EXITS) for node in ast.walk(function))
    return exits or "print" in names_of(function.body).loads
