"""Whether the length limit ended a text in the middle of the solution."""

from __future__ import annotations

import re

from pytest_humaneval.core.extraction import cleaning
from pytest_humaneval.core.extraction.blocks import fenced_blocks
from pytest_humaneval.core.extraction.lines import split_statements
from pytest_humaneval.core.records import Completion, Stub


def is_cut(completion: Completion, stub: Stub) -> bool:
    """Tell whether the limit fell into reasoning, the only block or the entry point's definition."""
    if completion.finish_reason != "length":
        return False
    text = cleaning.plain_newlines(completion.text)
    answer = cleaning.without_reasoning(text)
    if not answer.strip():
        return True
    blocks = [block for block in fenced_blocks(answer) if block.may_be_python]
    if blocks and blocks[-1].closed:
        return False
    return _ends_inside(blocks[-1].code if blocks else answer, stub.entry_point)


def _ends_inside(code: str, entry_point: str) -> bool:
    """Tell whether no top-level statement follows the entry point's definition."""
    definition = re.compile(rf"^(?:async\s+)?(?:def|class)\s+{re.escape(entry_point)}\b", re.MULTILINE)
    parts = split_statements(code)
    indices = [index for index, part in enumerate(parts) if definition.search(part)]
    return max(indices, default=0) == len(parts) - 1
