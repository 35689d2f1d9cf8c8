"""Runs a command on a terminal of its own and returns what its screen shows at the end, with colours."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pyte
import pyte.screens

COLUMNS = 80
"""The width that programs are told, unless another one is asked for."""

# So many that nothing scrolls off and no line is broken: a cell costs nothing until it is written.
_ROWS, _WIDEST = 2_000, 1_000


def run_on_terminal(
    command: str,
    folder: Path,
    environment: Mapping[str, str],
    columns: int = COLUMNS,
    *,
    breaks: bool = False,
) -> tuple[int, pyte.Screen]:
    """Run a command line in bash.

    A program that writes to a terminal can take back what it wrote, such as a progress line. So the bytes
    are not what its reader sees; the screen is.

    Args:
        command: the command line.
        folder: where it runs.
        environment: its variables.
        columns: the width of the terminal.
        breaks: whether longer lines are broken, as on a real terminal, or are kept whole.

    Returns:
        The exit status, and the screen.
    """
    screen = pyte.Screen(columns if breaks else _WIDEST, _ROWS)
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


def text_of(screen: pyte.Screen) -> list[str]:
    """Return the rows of a screen up to the last one that is not empty, without blanks at their ends."""
    rows = ["".join(cell.data for cell in row).rstrip() for row in cells_of(screen)]
    while rows and not rows[-1]:
        rows.pop()
    return rows


def cells_of(screen: pyte.Screen) -> list[list[pyte.screens.Char]]:
    """Return the rows of a screen up to the last one that was written to, each up to its last such cell.

    Unlike ``pyte.Screen.display``, this does not look at the cells that nothing was written to.
    """
    rows = range(max(screen.buffer, default=-1) + 1)
    return [[screen.buffer[y][x] for x in range(max(screen.buffer[y], default=-1) + 1)] for y in rows]


def _read(terminal: int) -> bytes:
    """Return what was written to a terminal; nothing when all that could write has ended."""
    try:
        return os.read(terminal, 1 << 16)
    # As Linux reports the end.
    except OSError:
        return b""
