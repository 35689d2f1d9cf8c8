"""Whether the length limit ended a text in the middle of the solution."""

from __future__ import annotations

import re

from pytest_humaneval.core.extraction import cleaning
from pytest_humaneval.core.extraction.choosing import chosen_code
from pytest_humaneval.core.extraction.lines import indentation, split_statements
from pytest_humaneval.core.records import Completion, Stub


def is_cut(completion: Completion, stub: Stub) -> bool:
    """Tell whether the limit fell before the code, or into the entry point's definition.

    It did not if the code's block was closed, or if another top-level statement follows the definition.
    """
    if completion.finish_reason != "length":
        return False
    answer = cleaning.without_reasoning(cleaning.plain_characters(completion.text))
    answer = cleaning.without_special_tokens(answer)
    code = chosen_code(answer, stub).rstrip()
    return not code or (answer.rstrip().endswith(code[-200:]) and _ends_inside(code, stub.entry_point))


def _ends_inside(code: str, entry_point: str) -> bool:
    """Tell whether nothing on column 0 follows the entry point's definition."""
    definition = re.compile(rf"^(?:async\s+)?(?:def|class)\s+{re.escape(entry_point)}\b", re.MULTILINE)
    parts = split_statements(code)
    defining = max((index for index, part in enumerate(parts) if definition.search(part)), default=0)
    rest = "\n".join(parts[defining + 1 :])
    return not any(line.strip() and not indentation(line) for line in rest.split("\n"))
