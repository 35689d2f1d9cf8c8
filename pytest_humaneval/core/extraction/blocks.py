"""Blocks of code in a text: Markdown fences (CommonMark, "Fenced code blocks") and wrapping tags."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

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
    """Collects the fenced blocks of a text, going from fence to fence."""

    def __init__(self, lines: Sequence[str], *, heed_strings: bool) -> None:
        self.blocks: list[Block] = []
        self._lines = lines
        self._heed_strings = heed_strings
        self._opening = ""
        self._label = ""
        self._start = 0  # index of the block's first line
        self._read = 0  # index of the first line not yet looked at for strings
        self._state = NEUTRAL

    def open(self, mark: str, label: str, start: int) -> None:
        self._opening, self._label, self._start = mark, label, start
        self._read, self._state = start, NEUTRAL

    def meet(self, index: int, fence: _Fence) -> None:
        """Take note of a line that holds a fence."""
        if not self._opening:
            if fence.opens:
                self.open(fence.mark, fence.info, index + 1)
        elif self._in_string(index):
            return
        elif fence.closes(self._opening):
            self.close(index, fence.before if fence.before.strip() else None)
        elif fence.info and not fence.before.strip():  # an opening one: the last block was never closed
            self.close(index)
            self.open(fence.mark, fence.info, index + 1)

    def close(self, end: int, last_line: str | None = None, *, closed: bool = True) -> None:
        if self._opening:
            code = [*self._lines[self._start : end], *([] if last_line is None else [last_line])]
            self.blocks.append(Block("\n".join(code), closed, self._label, self._start))
        self._opening = ""

    def _in_string(self, index: int) -> bool:
        """Tell whether a triple-quoted string of the block is open where a line begins."""
        if self._heed_strings:
            for line in self._lines[self._read : index]:
                self._state = after(line, self._state)
            self._read = index
        return bool(self._state.quote)


def fenced_blocks(text: str, *, prefilled: bool = False, heed_strings: bool = True) -> list[Block]:
    """Return the fenced blocks of a text in order, one that is never closed included.

    Args:
        text: the text.
        prefilled: the opening fence was given to the model, so that the text begins inside a block.
        heed_strings: whether a fence inside a triple-quoted string is a part of the string.
    """
    lines = text.split("\n")
    reader = _Reader(lines, heed_strings=heed_strings)
    if prefilled:
        reader.open("```", "", 0)
    for index, line in enumerate(lines):
        if ("```" in line or "~~~" in line) and (found := _FENCE.match(line)):
            reader.meet(index, _Fence(found["before"], found["mark"], found["info"].strip()))
    reader.close(len(lines), closed=False)
    return reader.blocks


def tagged_blocks(text: str) -> list[Block]:
    """Return what stands before, between and after wrapping tags ([PYTHON], <code>, ...), in order."""
    tags = list(_TAG.finditer(text))
    blocks, start, line = [], 0, 0
    for end, next_start in [*(tag.span() for tag in tags), (len(text), len(text))] if tags else []:
        code = text[start:end]
        if code.strip():
            blocks.append(Block(code.strip("\n"), closed=end < len(text), line=line))
        line += text.count("\n", start, next_start)
        start = next_start
    return blocks


def readings(text: str) -> Iterator[list[Block]]:
    """Yield the ways to read a text as blocks, the likeliest first, each in the order of the text.

    A tag may stand inside a fence and a fence inside a tag, so both kinds are in every reading.
    """
    tagged = tagged_blocks(text)
    seen: list[list[Block]] = []
    for heed_strings, prefilled in product((True, False), (False, True)):
        fenced = fenced_blocks(text, prefilled=prefilled, heed_strings=heed_strings)
        if fenced not in seen:
            seen.append(fenced)
            yield sorted([*tagged, *fenced], key=lambda block: block.line)
