"""Blocks of code in a text: Markdown fences (CommonMark, "Fenced code blocks") and wrapping tags."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pytest_humaneval.core.extraction.lines import NEUTRAL, after

_FENCE = re.compile(r"(?P<before>.*?)(?P<fence>`{3,}|~{3,})[ \t]*(?P<info>[^`\n]*)$")
_TAG_NAMES = "python|py|code|answer|solution|final_answer|final|output|result|response|program|completion"
_TAG = re.compile(rf"\[(?P<close1>/)?PYTHON\]|<(?P<close2>/)?(?:{_TAG_NAMES})\b[^<>\n]*>|<!\[CDATA\[|\]\]>", re.IGNORECASE)
_PYTHON = re.compile(r"^(?:\{?\.?)?(?:python|py)[\d.]*\b|^$", re.IGNORECASE)


@dataclass(frozen=True)
class Block:
    """A piece of a text that may hold code.

    Attributes:
        code: what stands in it.
        closed: whether its end is marked; False where the text ends before.
        label: a fence's info string ("python"); empty if it has none.
    """

    code: str
    closed: bool
    label: str = ""

    @property
    def may_be_python(self) -> bool:
        """Whether the label says Python, or nothing."""
        return bool(_PYTHON.match(self.label))


def fenced_blocks(text: str, *, first_closes: bool = False, strings: bool = True) -> list[Block]:
    """Return the fenced blocks of a text in order, an unclosed one included.

    Args:
        text: the text.
        first_closes: the opening fence stood before the text, so that the first fence closes.
        strings: a fence inside a triple-quoted string belongs to the string.
    """
    blocks: list[Block] = []
    opening, label, code, state = ("`" * 3 if first_closes else ""), "", [], NEUTRAL
    for line in text.split("\n"):
        found = _FENCE.match(line) if "```" in line or "~~~" in line else None
        inside_string = strings and bool(state.quote)
        if not found or (opening and inside_string):
            if opening:
                code.append(line)
                state = after(line, state)
            continue
        info = found["info"].strip()
        if opening and _closes(found, opening, info):
            blocks.append(Block("\n".join([*code, found["before"]] if found["before"].strip() else code), True, label))
            opening = ""
        elif not opening or info:
            if opening:
                blocks.append(Block("\n".join(code), True, label))
            opening, label, code, state = found["fence"], info, [], NEUTRAL
        else:
            code.append(line)
    if opening:
        blocks.append(Block("\n".join(code), False, label))
    return blocks


def _closes(found: re.Match[str], opening: str, info: str) -> bool:
    fence = found["fence"]
    return fence[0] == opening[0] and len(fence) >= len(opening) and not info


def tagged_blocks(text: str) -> list[Block]:
    """Return what stands between wrapping tags ([PYTHON], <code>, ...), in order."""
    tags = list(_TAG.finditer(text))
    ends = [*(tag.start() for tag in tags[1:]), len(text)]
    pieces = [(text[tag.end() : end], end) for tag, end in zip(tags, ends, strict=False)]
    return [Block(code, end < len(text)) for code, end in pieces if code.strip()]
