"""Blocks of code in a text: Markdown fences (CommonMark, "Fenced code blocks") and wrapping tags."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from pytest_humaneval.core.extraction.lines import NEUTRAL, after

# A fence may follow prose on its line, or close at the end of the last line of code: chat models write both.
_FENCE = re.compile(r"(?P<before>[^`~]*)(?P<mark>`{3,}|~{3,})[ \t]*(?P<info>[^`]*)$")
_LABEL = re.compile(r"[\w.+#-]*")
# [PYTHON] is asked for by Code Llama's prompts for HumanEval and MBPP; the others are what prompts ask for in
# XML.
_TAG_NAMES = "python|py|code|answer|solution|final_answer|final|output|result|response|program|completion"
_TAG = re.compile(rf"\[/?PYTHON\]|</?(?:{_TAG_NAMES})(?:\s[^<>\n]*)?>|<!\[CDATA\[|\]\]>", re.IGNORECASE)
# Only for code that is no solution: a solution is taken from a block with any label, since models write wrong
# ones.
_NOT_PYTHON = re.compile(
    r"(?:bash|shell|sh|zsh|console|powershell|cmd|output|text|txt|plaintext|json|yaml|toml|diff)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Block:
    """A piece of a text that may hold code.

    Attributes:
        code: its content.
        closed: whether its end is marked; False where the text ends first.
        label: a fence's info string ("python"); empty if it has none.
        line: index (from 0) of the line where it begins.
    """

    code: str
    closed: bool = True
    label: str = ""
    line: int = 0

    @property
    def may_be_python(self) -> bool:
        """Whether the label names no other language and no output; an unknown label may be Python."""
        return not _NOT_PYTHON.match(self.label)


@dataclass(frozen=True)
class _Fence:
    """A line with a fence: the text before the fence, the fence, the text after it."""

    before: str
    mark: str
    info: str

    @property
    def can_open(self) -> bool:
        # After prose only if a label or nothing follows: "Use ``` to mark code" opens no block.
        return not self.before.strip() or bool(_LABEL.fullmatch(self.info))

    def closes(self, opening: str) -> bool:
        # CommonMark: the same character, at least as often, and no info string.
        return not self.info and self.mark[0] == opening[0] and len(self.mark) >= len(opening)


class _Reader:
    """Collects the fenced blocks of a text, going from fence to fence."""

    def __init__(self, lines: Sequence[str], *, skip_strings: bool) -> None:
        self.blocks: list[Block] = []
        self._lines = lines
        self._skip_strings = skip_strings
        self._opening = ""
        self._label = ""
        # The index of the block's first line, and of the first line that was not yet scanned for strings.
        # Lines are scanned only where a fence needs it, which keeps a text of a megabyte without any fence
        # cheap.
        self._start = 0
        self._scanned = 0
        self._state = NEUTRAL

    def open(self, mark: str, label: str, start: int) -> None:
        self._opening, self._label, self._start = mark, label, start
        self._scanned, self._state = start, NEUTRAL

    def read_fence(self, index: int, fence: _Fence) -> None:
        """Open or close a block at a line that holds a fence."""
        if not self._opening:
            if fence.can_open:
                self.open(fence.mark, fence.info, index + 1)
        elif self._in_string(index):
            return
        elif fence.closes(self._opening):
            self.close(index, fence.before if fence.before.strip() else None)
        # A closing fence has no info string, so this one opens a block: the last one was never closed.
        elif fence.info and not fence.before.strip():
            self.close(index)
            self.open(fence.mark, fence.info, index + 1)

    def close(self, end: int, last_line: str | None = None, *, closed: bool = True) -> None:
        if self._opening:
            code = [*self._lines[self._start : end], *([] if last_line is None else [last_line])]
            self.blocks.append(Block("\n".join(code), closed, self._label, self._start))
        self._opening = ""

    def _in_string(self, index: int) -> bool:
        """Return whether a triple-quoted string of the block is open where a line begins."""
        if self._skip_strings:
            for line in self._lines[self._scanned : index]:
                self._state = after(line, self._state)
            self._scanned = index
        return bool(self._state.quote)


def fenced_blocks(text: str, *, prefilled: bool = False, skip_strings: bool = True) -> list[Block]:
    """Return the fenced blocks of a text in order, including one that is never closed.

    Args:
        text: the text.
        prefilled: the opening fence was the end of the prompt, so that the text begins inside a block.
        skip_strings: whether a fence inside a triple-quoted string is a part of the string.
    """
    lines = text.split("\n")
    reader = _Reader(lines, skip_strings=skip_strings)
    if prefilled:
        reader.open("```", "", 0)
    for index, line in enumerate(lines):
        if ("```" in line or "~~~" in line) and (found := _FENCE.match(line)):
            reader.read_fence(index, _Fence(found["before"], found["mark"], found["info"].strip()))
    reader.close(len(lines), closed=False)
    return reader.blocks


def tagged_blocks(text: str) -> list[Block]:
    """Return the parts of a text around and between wrapping tags ([PYTHON], <code>, ...), in order."""
    # Split, not paired: an opening tag may have been the end of the prompt, and a closing one is often
    # missing.
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
    """Yield the possible readings of a text as blocks, the likeliest first, each in the order of the text.

    A tag may stand inside a fence and a fence inside a tag, so both kinds are in every reading.
    """
    tagged = tagged_blocks(text)
    seen: list[list[Block]] = []
    # Strings are skipped first, since a docstring may show a fenced example; but a stray triple quote would
    # then hide every fence after it, so the text is also read without regard to strings.
    for skip_strings, prefilled in product((True, False), (False, True)):
        fenced = fenced_blocks(text, prefilled=prefilled, skip_strings=skip_strings)
        if fenced not in seen:
            seen.append(fenced)
            yield sorted([*tagged, *fenced], key=lambda block: block.line)
