"""Runs a command on a terminal of its own and returns what its screen shows at the end, with colours."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

import pyte
import pyte.screens

_T = TypeVar("_T")

COLUMNS = 80
"""The width that programs are told, unless another one is asked for."""

# So many that nothing scrolls off and no line is broken: a cell costs nothing until it is written.
_ROWS, _WIDEST = 2_000, 1_000


def run_on_terminal(
    command: str, folder: Path, environment: Mapping[str, str], columns: int = COLUMNS
) -> tuple[int, pyte.Screen]:
    """Run a command line in bash.

    A program that writes to a terminal can take back what it wrote, such as a progress line. So the bytes
    are not what its reader sees; the screen is.

    Args:
        command: the command line.
        folder: where it runs.
        environment: its variables.
        columns: the width that the command is told. Longer lines are kept whole.

    Returns:
        The exit status, and the screen.
    """
    screen = pyte.Screen(_WIDEST, _ROWS)
    stream = pyte.ByteStream(screen)
    ours, theirs = os.openpty()
    variables = {**environment, "TERM": "xterm-256color", "COLUMNS": str(columns), "LINES": "50"}
    shell = ["bash", "-c", command]
    with subprocess.Popen(  # noqa: S603 (what the page shows is what is run)
        shell, cwd=folder, env=variables, stdin=theirs, stdout=theirs, stderr=theirs
    ) as process:
        os.close(theirs)
        try:
            while written := _read(ours):
                stream.feed(written)
        except BaseException:
            process.terminate()
            raise
        finally:
            os.close(ours)
    return process.returncode, screen


def rows_of(screen: pyte.Screen) -> list[list[pyte.screens.Char]]:
    """Return the cells of a screen by rows, without empty rows at the end and without blanks at their ends.

    Unlike ``pyte.Screen.display``, this does not look at cells that nothing was written to.
    """
    numbers = range(max(screen.buffer, default=-1) + 1)
    rows = [[screen.buffer[y][x] for x in range(max(screen.buffer[y], default=-1) + 1)] for y in numbers]
    for row in rows:
        _strip(row, lambda cell: cell.data.isspace())
    return _strip(rows, lambda row: not row)


def text_of(screen: pyte.Screen) -> list[str]:
    """Return the text of these rows."""
    return ["".join(cell.data for cell in row) for row in rows_of(screen)]


def _strip(items: list[_T], is_empty: Callable[[_T], bool]) -> list[_T]:
    while items and is_empty(items[-1]):
        items.pop()
    return items


def _read(terminal: int) -> bytes:
    """Return what was written to a terminal; nothing when all that could write has ended."""
    try:
        return os.read(terminal, 1 << 16)
    # As Linux reports the end.
    except OSError:
        return b""
