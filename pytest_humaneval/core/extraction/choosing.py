"""Choosing the code: of all that a text holds, the last piece that gives the entry point a body."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from pytest_humaneval.core.extraction.blocks import Block, readings
from pytest_humaneval.core.extraction.fitting import fit, fit_stub, is_module
from pytest_humaneval.core.extraction.indentation import is_continuation
from pytest_humaneval.core.extraction.lines import indentation
from pytest_humaneval.core.extraction.names import names_of
from pytest_humaneval.core.extraction.source import parse
from pytest_humaneval.core.records import Stub

_MARK = re.compile(r"`{3,}|~{3,}|\[/?PYTHON\]", re.IGNORECASE)
_CODE = re.compile(
    r"^[ \t]*(?:(?:async[ \t]+)?def[ \t]+\w+[ \t]*\(|class[ \t]+\w+|import[ \t]+\w+"
    r"|from[ \t]+\S+[ \t]+import\b|return\b)",
    re.MULTILINE,
)
_RETURN = re.compile(r"\b(?:return|yield)\b")

Suits = Callable[[Block, Stub], bool]


def chosen_code(text: str, stub: Stub) -> str:
    """Return the code of a text, empty if it holds none.

    In turn: what continues the prompt at once; the last block that defines the entry point; the last one that
    is a body for it; code without any mark around it; what is left, however wrong it may be.
    """
    beginning = _MARK.split(text, maxsplit=1)[0]
    if is_continuation(beginning) and fit(beginning, stub):
        return beginning
    for suits in (_is_module, _is_body):
        if (found := _last_block(text, stub, suits)) is not None:
            return found
    for code in (text, *indented_parts(text)):
        if fit(code, stub) and (is_module(code, stub) or is_continuation(code) or _RETURN.search(code)):
            return code
    return _left_over(beginning, text, stub)


def _last_block(text: str, stub: Stub, suits: Suits) -> str | None:
    for blocks in readings(text):
        for block in reversed(blocks):
            if block.code.strip() and suits(block, stub):
                return _with_helpers(block, blocks, stub)
    return None


def _is_module(block: Block, stub: Stub) -> bool:
    return is_module(block.code, stub)


def _is_body(block: Block, stub: Stub) -> bool:
    return bool(_RETURN.search(block.code)) and fit(block.code, stub) is not None


def _with_helpers(block: Block, blocks: Sequence[Block], stub: Stub) -> str:
    """Return a block's code after that of the blocks which define what it uses without defining it."""
    program = parse(fit(block.code, stub) or "")
    names = names_of(program.body if program else [])
    missing = names.loads - names.stores
    helpers = [other.code for other in blocks if other is not block and _gives(other, missing, stub)]
    return "\n\n".join([*helpers, block.code])


def _gives(block: Block, missing: set[str], stub: Stub) -> bool:
    tree = parse(block.code)
    given = names_of(tree.body).stores if tree else set()
    return bool(given & missing) and stub.entry_point not in given


def indented_parts(text: str) -> list[str]:
    """Return the runs of indented lines of a text, the last first: code set off from prose by indentation."""
    parts: list[list[str]] = [[]]
    for line in text.split("\n"):
        if line.strip() and not indentation(line):
            parts.append([])
        else:
            parts[-1].append(line)
    return ["\n".join(part) for part in reversed(parts) if any(line.strip() for line in part)]


def _left_over(beginning: str, text: str, stub: Stub) -> str:
    """Return code that gives no solution, so that it is judged as what it is; empty if there is none."""
    if is_continuation(beginning) and fit_stub(beginning, stub):
        return beginning
    blocks = [block for block in next(iter(readings(text))) if block.may_be_python and block.code.strip()]
    for block in reversed(blocks):
        if _CODE.search(block.code):
            return block.code
    return text if _CODE.search(text) or is_continuation(beginning) else ""
