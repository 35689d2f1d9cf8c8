"""Blindness: what a format step does to an answer does not depend on the names that the problem uses."""

from __future__ import annotations

import ast
import builtins
import keyword
import re
import sys
from collections.abc import Callable, Iterable

from pytest_humaneval.core.extraction.steps import Step
from pytest_humaneval.core.problem import Problem, Stub

_NOT_THE_PROBLEM_S = {*dir(builtins), *keyword.kwlist, *keyword.softkwlist, *sys.stdlib_module_names}
# Words of fences and tags.
_MARKS = {"text", "code", "python", "answer", "solution", "output", "result", "self", "s"}


def renaming(problem: Problem) -> Callable[[str], str]:
    """Return a function that renames in any text the identifiers that a problem's code defines."""
    tree = ast.parse(problem.prompt + problem.canonical_solution + problem.suffix)
    own = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    own |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    own |= {
        node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    kept = _NOT_THE_PROBLEM_S | _MARKS
    names = {name: f"q{index}_{name[::-1]}" for index, name in enumerate(sorted(own - kept))}
    words = re.compile(r"\b\w+\b")
    return lambda text: words.sub(lambda found: names.get(found.group(), found.group()), text)


def first_seen(step: Step, problems: Iterable[Problem]) -> str | None:
    """Return the task id of the first problem whose names change what a step does; None if none does.

    The step is applied to two answers, the canonical one and an empty function, and to the same answers with
    every identifier renamed in prompt and answer. A blind step gives the same texts, renamed.

    Raises:
        Exception: whatever the step raises.
    """
    for problem in problems:
        renamed = renaming(problem)
        stub = Stub(renamed(problem.prompt), renamed(problem.entry_point), renamed(problem.suffix))
        for body in (problem.canonical_solution, "    pass\n"):
            answer = f"Here it is:\n```python\n{problem.prompt}{body}```\n"
            if renamed(step.apply(answer, problem.stub)) != step.apply(renamed(answer), stub):
                return problem.task_id
    return None
