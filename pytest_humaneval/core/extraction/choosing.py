"""Choosing the code: of all that a text holds, the last piece that gives the entry point a body."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pytest_humaneval.core.extraction.blocks import Block, fenced_blocks, tagged_blocks
from pytest_humaneval.core.extraction.fitting import fit, is_continuation
from pytest_humaneval.core.extraction.names import names_of
from pytest_humaneval.core.extraction.source import parse
from pytest_humaneval.core.records import Stub

_FENCE_OR_TAG = re.compile(r"(?:`{3,}|~{3,})|\[/?PYTHON\]", re.IGNORECASE)
_CODE_LINE = re.compile(r"^\s*(?:def|class|import|from|return|for|while|if|async)\b", re.MULTILINE)
_RETURN = re.compile(r"\b(?:return|yield)\b")


def chosen_code(text: str, stub: Stub) -> str:
    """Return the code of a text, empty if it holds none.

    In turn: what continues the prompt before any fence; the last block that defines the entry point; the last
    that is a body; the text itself; the last block there is.
    """
    before = _FENCE_OR_TAG.split(text, maxsplit=1)[0]
    if is_continuation(before) and fit(before, stub):
        return before
    blocks = candidates(text)
    for suits in (_is_module, _is_body):
        for index in range(len(blocks) - 1, -1, -1):
            if suits(blocks[index], stub):
                return _completed(index, blocks, stub)
    if fit(text, stub):
        return text
    return _left_over(text, blocks, stub)


def candidates(text: str) -> list[Block]:
    """Return every block of a text that may be Python, in the order in which they end."""
    found = []
    first = _FENCE_OR_TAG.search(text)
    if first and text[: first.start()].strip():
        found.append(Block(text[: first.start()], True))
    for block in [*tagged_blocks(text), *fenced_blocks(text)]:
        if block.may_be_python and block.code.strip():
            found.append(block)
    return found


def _is_module(block: Block, stub: Stub) -> bool:
    if not re.search(rf"\b{re.escape(stub.entry_point)}\b", block.code):
        return False
    program = fit(block.code, stub)
    return program is not None and not program.startswith(stub.prompt)


def _is_body(block: Block, stub: Stub) -> bool:
    return bool(_RETURN.search(block.code)) and fit(block.code, stub) is not None


def _completed(index: int, blocks: Sequence[Block], stub: Stub) -> str:
    """Return a block's code, after those blocks that define what it uses and does not define itself."""
    code = blocks[index].code
    program = parse(fit(code, stub) or "")
    names = names_of(program.body if program else [])
    missing = names.loads - names.stores
    helpers = []
    for other in blocks:
        tree = parse(other.code) if other is not blocks[index] else None
        if tree and names_of(tree.body).stores & missing and stub.entry_point not in names_of(tree.body).stores:
            helpers.append(other.code)
    return "\n\n".join([*helpers, code])


def _left_over(text: str, blocks: Sequence[Block], stub: Stub) -> str:
    if blocks:
        return blocks[-1].code
    return text if _CODE_LINE.search(text) or is_continuation(text) else ""
