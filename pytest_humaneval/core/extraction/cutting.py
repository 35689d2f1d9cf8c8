"""Decide whether the length limit ended a text in the middle of the solution."""

from __future__ import annotations

import re

from pytest_humaneval.core.extraction import cleaning
from pytest_humaneval.core.extraction.choosing import chosen_code
from pytest_humaneval.core.extraction.indentation import is_continuation
from pytest_humaneval.core.extraction.lines import indentation, split_statements
from pytest_humaneval.core.problem import Stub
from pytest_humaneval.core.records import Completion


def is_cut(completion: Completion, stub: Stub) -> bool:
    """Return whether the limit fell before the code, or into the entry point's definition.

    It did not if the code's block was closed, or if another top-level statement follows the definition: then
    only text after the solution was lost, and a failure is the solution's own.
    """
    if completion.finish_reason != "length":
        return False
    answer = cleaning.without_reasoning(cleaning.plain_characters(completion.text))
    answer = cleaning.without_special_tokens(answer)
    code = chosen_code(answer, stub).rstrip()
    # The code is the answer's end only if no closing mark follows it. Its last 200 characters identify it,
    # since choosing may have put helpers from other blocks before it.
    return not code or (answer.rstrip().endswith(code[-200:]) and _ends_inside(code, stub.entry_point))


def _ends_inside(code: str, entry_point: str) -> bool:
    """Return whether nothing on column 0 follows the entry point's definition, or no definition was begun."""
    # By regular expression, not by parsing: code that was cut off is hardly ever valid Python.
    name = re.escape(entry_point)
    definition = re.compile(rf"^(?:(?:async\s+)?(?:def|class)\s+{name}\b|{name}\s*[:=])", re.MULTILINE)
    parts = split_statements(code)
    defining = [index for index, part in enumerate(parts) if definition.search(part)]
    if not defining and not is_continuation(code):
        return True
    rest = "\n".join(parts[max(defining, default=0) + 1 :])
    return not any(line.strip() and not indentation(line) for line in rest.split("\n"))
