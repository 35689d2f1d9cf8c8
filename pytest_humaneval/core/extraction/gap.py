"""Fill the gap of an infilling problem (Bavarian et al. 2022, arXiv:2207.14255).

A model that was trained to fill in the middle answers with exactly that, to the last space; one that chats
may answer with the whole function instead, or with the middle in a fence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pytest_humaneval.core.extraction.blocks import readings
from pytest_humaneval.core.extraction.definition import defines
from pytest_humaneval.core.extraction.program import under_preamble, under_signature
from pytest_humaneval.core.problem import Stub

MAX_READ_CHARS = 64_000
"""How much of a text is searched for fences."""

MAX_BLOCKS = 100
"""How many fenced blocks are tried, from the last one backwards."""


def fit_gap(code: str, stub: Stub) -> str | None:
    """Return the program made of code and the text around the gap, or None if it is not Python.

    Code that defines the entry point is the program already. Any other is neither stripped nor indented.
    """
    if _is_whole(code, stub):
        return under_preamble(code, stub)
    program = under_signature(code, stub)
    return program if defines(program, stub.entry_point) else None


def code_for_gap(text: str, stub: Stub) -> str:
    """Return the code of an answer: the text itself where it fits the gap, else the last block that does."""
    if fit_gap(text, stub) is not None:
        return text
    return next((code for code in _blocks(text) if fit_gap(code, stub) is not None), text)


def _blocks(text: str) -> Iterator[str]:
    for blocks in readings(text[:MAX_READ_CHARS]):
        for block in blocks[: -MAX_BLOCKS - 1 : -1]:
            if block.code.strip() not in ("", text.strip()):
                # The end of a block's last line belongs to the fence; a gap of whole lines needs it.
                yield block.code + "\n"
                yield block.code


def _is_whole(code: str, stub: Stub) -> bool:
    # Not an assignment: the middle of a function may have a variable that is called as the function is.
    begins = re.search(rf"^(?:(?:async\s+)?def|class)\s+{re.escape(stub.entry_point)}\b", code, re.MULTILINE)
    # A function that the model left empty counts too: it is the answer, and no middle.
    return begins is not None and defines(code, stub.entry_point, stubs=True)
