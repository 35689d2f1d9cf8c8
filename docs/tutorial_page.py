"""The page as a list of steps: the files that its reader writes, and the commands with their output.

    <!-- file: NAME -->         the code block below is the file of that name
    <!-- appended: NAME -->     the code block below is added to the end of that file
    <!-- environment -->        the commands of the block below install the package; no output is shown

Every other block of the language ``console`` has commands, each behind ``$``, and what they print.

What a page shows and what a command prints are compared after these rules:

- a line that is just ``...`` stands for any lines;
- a time and the rates before it count as equal to any other, and so do the lines in which pytest names its
  versions and plugins;
- how many blanks stand between two words, and how long a line of ``=`` or ``_`` is, makes no difference,
  since it follows from the length of a time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

ANY_LINES = "..."

_BLOCK = re.compile(
    r"^(?:<!-- (?P<mark>[^\n]*) -->\n)?```(?P<language>\w+)\n(?P<body>.*?)^```$", re.DOTALL | re.MULTILINE
)
_MASKS = (
    (re.compile(r"^(platform|plugins:) .*"), r"\1 #"),
    # In the table of scores: tokens/s, candidates/s, wall.
    (re.compile(r"(\d+/\d+)[-\d,. ]* s\b"), r"\1 # s"),
    (re.compile(r"[\d,.]+ ?s\b( \(\d+:\d\d:\d\d\))?"), "# s"),
    (re.compile(r"={3,}"), "==="),
    (re.compile(r"_{3,}"), "___"),
    (re.compile(r"(?<=\S) {2,}"), " "),
)


@dataclass(frozen=True)
class File:
    """A file that the reader writes.

    Attributes:
        name: its path, seen from the reader's folder.
        text: what it holds, or what is added to it.
        is_appended: whether the text is added at its end.
    """

    name: str
    text: str
    is_appended: bool


@dataclass(frozen=True)
class Command:
    """A command that the reader types.

    Attributes:
        line: the command, without the ``$``.
        output: the lines that the page shows below it.
        is_environment: whether it installs the package.
    """

    line: str
    output: tuple[str, ...]
    is_environment: bool


def steps(page: str) -> Iterator[File | Command]:
    """Yield what a page tells its reader to do, in order."""
    for block in _BLOCK.finditer(page):
        kind, _, name = (block["mark"] or "").partition(": ")
        if kind in ("file", "appended"):
            yield File(name, block["body"], is_appended=kind == "appended")
        elif block["language"] == "console":
            yield from _commands(block["body"], is_environment=kind == "environment")


def _commands(body: str, *, is_environment: bool) -> Iterator[Command]:
    for part in re.split(r"^\$ ", body, flags=re.MULTILINE)[1:]:
        line, *output = part.rstrip("\n").split("\n")
        yield Command(line, tuple(output), is_environment)


def is_as_shown(shown: Sequence[str], printed: Sequence[str]) -> bool:
    """Return whether a command printed what the page shows, by the rules above."""
    pattern = "".join(
        r"(?:[^\n]*\n)*?" if line == ANY_LINES else re.escape(masked(line)) + r"\n" for line in shown
    )
    return re.fullmatch(pattern, "".join(f"{masked(line)}\n" for line in printed)) is not None


def masked(line: str) -> str:
    """Return a line without what differs between two runs."""
    for pattern, replacement in _MASKS:
        line = pattern.sub(replacement, line)
    return line.rstrip()


def with_outputs(page: str, printed: Sequence[Sequence[str]]) -> str:
    """Return the page with what its commands print now, given in the page's order.

    An output that is as shown stays to the letter, so that a refresh changes no time.
    """
    outputs = iter(printed)

    def refreshed(block: re.Match[str]) -> str:
        if block["language"] != "console" or block["mark"] == "environment":
            return block[0]
        lines: list[str] = []
        for command in _commands(block["body"], is_environment=False):
            lines += [f"$ {command.line}", *refreshed_output(command.output, next(outputs))]
        return block[0].replace(block["body"], "".join(f"{line}\n" for line in lines))

    return _BLOCK.sub(refreshed, page)


def refreshed_output(shown: Sequence[str], printed: Sequence[str]) -> list[str]:
    """Return what a page should show: the lines that were printed, without those that it left out.

    That is, lines are left out where ``...`` stood, if the lines around it are still there.
    """
    if is_as_shown(shown, printed):
        return list(shown)
    kept = list(printed)
    for place, line in enumerate(shown):
        if line == ANY_LINES:
            start = _after(kept, shown[place - 1]) if place else 0
            end = _before(kept, shown[place + 1], start) if place + 1 < len(shown) else len(kept)
            if start is not None and end is not None:
                kept[start:end] = [ANY_LINES]
    return kept


def _after(lines: Sequence[str], line: str) -> int | None:
    places = [place for place, each in enumerate(lines) if masked(each) == masked(line)]
    return places[0] + 1 if places else None


def _before(lines: Sequence[str], line: str, start: int | None) -> int | None:
    places = [
        place for place, each in enumerate(lines) if place >= (start or 0) and masked(each) == masked(line)
    ]
    return places[0] if places else None
