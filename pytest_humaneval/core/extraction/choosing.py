"""Choose the code among all blocks of a text: the last one that gives the entry point a body."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache

from pytest_humaneval.core.extraction.blocks import Block, readings
from pytest_humaneval.core.extraction.fitting import fit, fit_stub, is_module
from pytest_humaneval.core.extraction.gap import code_for_gap
from pytest_humaneval.core.extraction.indentation import is_continuation
from pytest_humaneval.core.extraction.lines import indentation
from pytest_humaneval.core.extraction.names import names_of
from pytest_humaneval.core.extraction.source import parse
from pytest_humaneval.core.problem import Stub

_MARK = re.compile(r"`{3,}|~{3,}|\[/?PYTHON\]", re.IGNORECASE)
_CODE = re.compile(
    r"^[ \t]*(?:(?:async[ \t]+)?def[ \t]+\w+[ \t]*\(|class[ \t]+\w+|import[ \t]+\w+"
    r"|from[ \t]+\S+[ \t]+import\b|return\b)",
    re.MULTILINE,
)
_HEADER = re.compile(r"(?:(?:async|def|class)\b|\)).*:\s*(?:#.*)?$")
_RETURN = re.compile(r"\b(?:return|yield)\b")

# Every block may be parsed several times, so what is read is bounded: a megabyte of anything must not take
# much longer than parsing a megabyte of code (tests/core/extraction/test_robustness.py).
MAX_READ_CHARS = 64_000
"""How much of a text is read as one part: about 16,000 tokens, reasoning not counted."""

MAX_BLOCKS = 100
"""How many blocks of a text are tried, from the last one backwards."""

Predicate = Callable[[Block, Stub], bool]


@lru_cache(maxsize=16)
def chosen_code(text: str, stub: Stub) -> str:
    """Return the code of a text, or an empty text if it holds none.

    The first of these that is there: code at the very beginning that continues the prompt; the last block
    that defines the entry point; the last block that is a body for it; code without a fence or tag; any other
    code, however wrong it may be. Of a text longer than MAX_READ_CHARS the beginning is read first, then the
    end.
    """
    if stub.suffix:
        return code_for_gap(text, stub)
    for part in dict.fromkeys((text[:MAX_READ_CHARS], text[-MAX_READ_CHARS:])):
        if (found := _find_answer(part, stub)) is not None:
            return found
    return _any_code(text[:MAX_READ_CHARS], stub)


def _find_answer(text: str, stub: Stub) -> str | None:
    # First, since a base model that completes the prompt goes on after the body: with chat, fences, other
    # functions.
    beginning = _beginning(text)
    if is_continuation(beginning) and fit(beginning, stub):
        return beginning
    # A module is certain and a body is a guess: any lines with a return fit as one. So every reading is
    # searched for a module before any is searched for a body.
    all_readings = list(readings(text))
    for accepts in (_is_module, _is_body):
        if (found := _last_block(all_readings, stub, accepts)) is not None:
            return found
    return next((code for code in (text, *_indented_parts(text)) if _is_bare(code, stub)), None)


def _beginning(text: str) -> str:
    """Return the text before the first fence or tag."""
    return _MARK.split(text, maxsplit=1)[0]


def _last_block(all_readings: Sequence[Sequence[Block]], stub: Stub, accepts: Predicate) -> str | None:
    # The last one, since drafts and the echoed prompt come before the answer. A later variant that is broken
    # or unfinished is not accepted, so the answer before it counts.
    for blocks in all_readings:
        for block in blocks[: -MAX_BLOCKS - 1 : -1]:
            if block.code.strip() and accepts(block, stub):
                return _with_helpers(block, blocks[-MAX_BLOCKS:], stub)
    return None


def _is_module(block: Block, stub: Stub) -> bool:
    return is_module(block.code, stub)


def _is_body(block: Block, stub: Stub) -> bool:
    # Almost anything fits as a body, such as printed output: only a return or yield shows that it is one.
    return bool(_RETURN.search(block.code)) and fit(block.code, stub) is not None


def _with_helpers(block: Block, blocks: Sequence[Block], stub: Stub) -> str:
    """Return a block's code, preceded by the other blocks that define names which it uses but lacks."""
    if len(blocks) == 1:
        return block.code
    program = parse(fit(block.code, stub) or "")
    names = names_of(program.body if program else [])
    missing = names.loads - names.stores
    helpers = [other.code for other in blocks if other is not block and _defines_any(other, missing, stub)]
    return "\n\n".join([*helpers, block.code])


def _defines_any(block: Block, missing: set[str], stub: Stub) -> bool:
    tree = parse(block.code)
    defined = names_of(tree.body).stores if tree else set()
    # A block that defines the entry point too is a draft of the answer, not a helper of it.
    return bool(defined & missing) and stub.entry_point not in defined


def _is_bare(code: str, stub: Stub) -> bool:
    """Return whether code without a fence or tag is an answer: a module, or an indented or returning body."""
    if is_module(code, stub):
        return True
    looks_like_body = is_continuation(code) or _RETURN.search(code)
    return bool(looks_like_body) and fit(code, stub) is not None


def _indented_parts(text: str) -> list[str]:
    """Return the runs of indented lines that follow prose, the last one first."""
    parts: list[list[str]] = [[]]
    for line in text.split("\n"):
        if line.strip() and not indentation(line):
            parts.append([line])
        else:
            parts[-1].append(line)
    # Lines under a signature or class are the body of that, and must not become the entry point's.
    runs = ["\n".join(part[1:]) for part in parts[1:] if not _HEADER.match(part[0])]
    return [run for run in runs if run.strip()][: -MAX_BLOCKS - 1 : -1]


def _any_code(text: str, stub: Stub) -> str:
    """Return code that is no solution, so that it is judged as what it is; empty if there is none.

    Without it a wrong or broken program would be reported as ``no_code``.
    """
    beginning = _beginning(text)
    if is_continuation(beginning) and fit_stub(beginning, stub):
        return beginning
    blocks = next(readings(text))[-MAX_BLOCKS:]
    for block in reversed(blocks):
        if block.may_be_python and _CODE.search(block.code):
            return block.code
    return text if _CODE.search(text) or is_continuation(beginning) else ""
