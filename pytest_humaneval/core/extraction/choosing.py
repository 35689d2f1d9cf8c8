"""Choosing the code: of all that a text holds, the last piece that gives the entry point a body."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache

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

MAX_READ = 100_000
"""Characters that are looked at in one go: about 25,000 tokens, reasoning not counted."""

MAX_TRIED = 100
"""Blocks of a text that are tried at most, from the last one backwards."""

Suits = Callable[[Block, Stub], bool]


@lru_cache(maxsize=16)
def chosen_code(text: str, stub: Stub) -> str:
    """Return the code of a text, empty if it holds none.

    In turn: what continues the prompt at once; the last block that defines the entry point; the last one that
    is a body for it; code without any mark around it; what is left, however wrong it may be. Of a text longer
    than MAX_READ its beginning is looked at, then its end.
    """
    for part in dict.fromkeys((text[:MAX_READ], text[-MAX_READ:])):
        if (found := _answer(part, stub)) is not None:
            return found
    return _left_over(text[:MAX_READ], stub)


def _answer(text: str, stub: Stub) -> str | None:
    beginning = _beginning(text)
    if is_continuation(beginning) and fit(beginning, stub):
        return beginning
    ways = list(readings(text))
    for suits in (_is_module, _is_body):
        if (found := _last_block(ways, stub, suits)) is not None:
            return found
    return next((code for code in (text, *_indented_parts(text)) if _is_bare(code, stub)), None)


def _beginning(text: str) -> str:
    """Return what stands before the first mark of a block."""
    return _MARK.split(text, maxsplit=1)[0]


def _last_block(ways: Sequence[Sequence[Block]], stub: Stub, suits: Suits) -> str | None:
    for blocks in ways:
        for block in blocks[: -MAX_TRIED - 1 : -1]:
            if block.code.strip() and suits(block, stub):
                return _with_helpers(block, blocks[-MAX_TRIED:], stub)
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


def _is_bare(code: str, stub: Stub) -> bool:
    """Tell whether code without any mark is an answer: a module, or a body that shows itself as one."""
    if is_module(code, stub):
        return True
    shows = is_continuation(code) or _RETURN.search(code)
    return bool(shows) and fit(code, stub) is not None


def _indented_parts(text: str) -> list[str]:
    """Return the runs of indented lines of a text, the last first: code set off from prose by indentation."""
    parts: list[list[str]] = [[]]
    for line in text.split("\n"):
        if line.strip() and not indentation(line):
            if parts[-1]:
                parts.append([])
        else:
            parts[-1].append(line)
    runs = ["\n".join(part) for part in parts if any(line.strip() for line in part)]
    return runs[: -MAX_TRIED - 1 : -1]


def _left_over(text: str, stub: Stub) -> str:
    """Return code that gives no solution, so that it is judged as what it is; empty if there is none."""
    beginning = _beginning(text)
    if is_continuation(beginning) and fit_stub(beginning, stub):
        return beginning
    blocks = next(readings(text))[-MAX_TRIED:]
    for block in reversed(blocks):
        if block.may_be_python and _CODE.search(block.code):
            return block.code
    return text if _CODE.search(text) or is_continuation(beginning) else ""
