"""Blocks of code in a text: Markdown fences (CommonMark, "Fenced code blocks") and wrapping tags."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from pytest_humaneval.core.extraction.lines import NEUTRAL, after

_FENCE = re.compile(r"(?P<before>[^`~]*)(?P<mark>`{3,}|~{3,})[ \t]*(?P<info>[^`]*)$")
_LABEL = re.compile(r"[\w.+#-]*")
_TAG_NAMES = "python|py|code|answer|solution|final_answer|final|output|result|response|program|completion"
_TAG = re.compile(rf"\[/?PYTHON\]|</?(?:{_TAG_NAMES})(?:\s[^<>\n]*)?>|<!\[CDATA\[|\]\]>", re.IGNORECASE)
_NOT_PYTHON = re.compile(
    r"(?:bash|shell|sh|zsh|console|powershell|cmd|output|text|txt|plaintext|json|yaml|toml|diff)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Block:
    """A piece of a text that may hold code.

    Attributes:
        code: what stands in it.
        closed: whether its end is marked; False where the text ends before.
        label: a fence's info string ("python"); empty if it has none.
        line: index of the line where it begins.
    """

    code: str
    closed: bool = True
    label: str = ""
    line: int = 0

    @property
    def may_be_python(self) -> bool:
        """Whether the label does not say that it is something else."""
        return not _NOT_PYTHON.match(self.label)


@dataclass(frozen=True)
class _Fence:
    """A fence's line: what stands before the fence, the fence, what stands after it."""

    before: str
    mark: str
    info: str

    @property
    def opens(self) -> bool:
        return not self.before.strip() or bool(_LABEL.fullmatch(self.info))

    def closes(self, opening: str) -> bool:
        return not self.info and self.mark[0] == opening[0] and len(self.mark) >= len(opening)


class _Reader:
    """Reads a text line by line and collects its fenced blocks."""

    def __init__(self, *, heed_strings: bool) -> None:
        self.blocks: list[Block] = []
        self._heed_strings = heed_strings
        self._opening = ""
        self._label = ""
        self._start = 0
        self._code: list[str] = []
        self._state = NEUTRAL

    def open(self, mark: str, label: str, index: int) -> None:
        self._opening, self._label, self._start = mark, label, index
        self._code, self._state = [], NEUTRAL

    def read(self, index: int, line: str) -> None:
        fence = self._fence(line)
        if not self._opening:
            if fence and fence.opens:
                self.open(fence.mark, fence.info, index)
        elif fence and fence.closes(self._opening):
            if fence.before.strip():
                self._code.append(fence.before)
            self.close(closed=True)
        elif fence and fence.info and not fence.before.strip():  # an opening one: the last was never closed
            self.close(closed=True)
            self.open(fence.mark, fence.info, index)
        else:
            self._code.append(line)
            self._state = after(line, self._state) if self._heed_strings else NEUTRAL

    def close(self, *, closed: bool) -> None:
        if self._opening:
            self.blocks.append(Block("\n".join(self._code), closed, self._label, self._start))
        self._opening = ""

    def _fence(self, line: str) -> _Fence | None:
        if ("```" not in line and "~~~" not in line) or self._state.quote:
            return None
        found = _FENCE.match(line)
        return _Fence(found["before"], found["mark"], found["info"].strip()) if found else None


def fenced_blocks(text: str, *, prefilled: bool = False, heed_strings: bool = True) -> list[Block]:
    """Return the fenced blocks of a text in order, one that is never closed included.

    Args:
        text: the text.
        prefilled: the opening fence was given to the model, so that the text begins inside a block.
        heed_strings: whether a fence inside a triple-quoted string is a part of the string.
    """
    reader = _Reader(heed_strings=heed_strings)
    if prefilled:
        reader.open("```", "", 0)
    for index, line in enumerate(text.split("\n")):
        reader.read(index, line)
    reader.close(closed=False)
    return reader.blocks


def tagged_blocks(text: str) -> list[Block]:
    """Return what stands before, between and after wrapping tags ([PYTHON], <code>, ...), in order."""
    tags = list(_TAG.finditer(text))
    if not tags:
        return []
    starts = [0, *(tag.end() for tag in tags)]
    ends = [*(tag.start() for tag in tags), len(text)]
    pieces = ((start, end, text[start:end]) for start, end in zip(starts, ends, strict=True))
    return [
        Block(code.strip("\n"), end < len(text), line=text.count("\n", 0, start))
        for start, end, code in pieces
        if code.strip()
    ]


def readings(text: str) -> Iterable[list[Block]]:
    """Yield the ways to read a text as blocks, the likeliest first, each in the order of the text.

    A tag may stand inside a fence and a fence inside a tag, so both kinds are in every reading.
    """
    tagged = tagged_blocks(text)
    seen: list[list[Block]] = []
    for heed_strings in (True, False):
        for prefilled in (False, True):
            fenced = fenced_blocks(text, prefilled=prefilled, heed_strings=heed_strings)
            blocks = sorted([*tagged, *fenced], key=lambda block: block.line)
            if blocks not in seen:
                seen.append(blocks)
                yield blocks
