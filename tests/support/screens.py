"""What the last screen of a terminal shows, as its reader sees it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.support.evaluating import command_line


def last_screen(folder: Path, *arguments: str, columns: int = 80, rows: int = 24) -> list[str]:
    """Run pytest on a terminal of that size; return its rows when it has ended."""
    pyte = pytest.importorskip("pyte", reason="needs pyte, of the extra dev")
    screen = pyte.Screen(columns, rows)
    stream = pyte.ByteStream(screen)
    ours, theirs = os.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": str(columns), "LINES": str(rows)}
    command = command_line(*arguments)
    with subprocess.Popen(command, cwd=folder, env=environment, stdin=theirs, stdout=theirs, stderr=theirs):
        os.close(theirs)
        while written := _read(ours):
            stream.feed(written)
    os.close(ours)
    return [row.rstrip() for row in screen.display]


def _read(terminal: int) -> bytes:
    """Return what was written to a terminal; nothing when all that could write has ended."""
    try:
        return os.read(terminal, 1 << 16)
    # As Linux reports it.
    except OSError:
        return b""
