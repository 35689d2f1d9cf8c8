"""pytest's terminal, shared with pytest: a row below what pytest writes, or lines between its lines."""

from __future__ import annotations

import os
import sys
import threading
from contextlib import AbstractContextManager, nullcontext
from typing import TextIO

import pytest
from _pytest._io import TerminalWriter

# ECMA-48 and DEC: IND makes room for a row below without leaving the column, and scrolls on the last row;
# the cursor is saved (DECSC) and restored (DECRC), so pytest's own line goes on where it was.
_MAKE_ROOM = "\x1bD\x1b[A"
_SAVE, _DOWN, _ERASE_REST_OF_ROW, _RESTORE = "\x1b7", "\r\x1b[B", "\x1b[K", "\x1b8"
_ERASE_BELOW = "\x1b[J"


class StatusRow:
    """A row below the line that pytest is writing.

    It is erased before each text that pytest writes, and drawn again after it, so the two never meet, and it
    stays while dots come. Any thread may show a text.

    Args:
        writer: pytest's.
        terminal: the same terminal, also while pytest captures its standard output.
    """

    def __init__(self, writer: TerminalWriter, terminal: TextIO) -> None:
        self._writer, self._terminal = writer, terminal
        self._text = ""
        self._lock = threading.RLock()
        self._write = writer.write
        # As pytest's own pastebin plugin does, in order to see all that is written.
        vars(writer)["write"] = self._write_above

    def show(self, text: str) -> None:
        """Show a text in place of the last one; an empty one removes the row."""
        with self._lock:
            self._send(_ERASE_BELOW if self._is_drawn else "")
            self._text = text
            self._draw()

    def _write_above(self, text: str, *, flush: bool = False, **markup: bool) -> None:
        with self._lock:
            self._send(_ERASE_BELOW if self._is_drawn else "")
            # Always flushed: else what waits in the stream would come after the row.
            self._write(text, flush=flush or bool(text), **markup)
            self._draw()

    @property
    def _is_drawn(self) -> bool:
        # After a text that ends in the last column, terminals differ in where they have the cursor.
        width = self._writer.width_of_current_line
        return bool(self._text) and not (width and width % self._writer.fullwidth == 0)

    def _draw(self) -> None:
        if self._is_drawn:
            shown = self._text[: self._writer.fullwidth - 1]
            self._send(f"{_MAKE_ROOM}{_SAVE}{_DOWN}{shown}{_ERASE_REST_OF_ROW}{_RESTORE}")

    def _send(self, text: str) -> None:
        if text:
            self._terminal.write(text)
            self._terminal.flush()


def open_status_row(config: pytest.Config) -> StatusRow | None:
    """Return a row on pytest's terminal; None where there is none, or where others write to it unseen.

    Call it while nothing is captured.
    """
    reporter: pytest.TerminalReporter | None = config.pluginmanager.getplugin("terminalreporter")
    is_live = bool(reporter and reporter.isatty) and os.environ.get("TERM") != "dumb"
    # With -s and the like, tests write to the terminal themselves; another reporter may move the cursor.
    is_captured = config.getoption("capture", "no") in ("fd", "sys")
    if not is_live or not is_captured or type(reporter) is not pytest.TerminalReporter:
        return None
    terminal = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding=sys.stdout.encoding, errors="replace")
    config.add_cleanup(terminal.close)
    return StatusRow(config.get_terminal_writer(), terminal)


class LinesBetween:
    """Writes texts on lines of their own, whatever is being captured."""

    def __init__(self, config: pytest.Config, reporter: pytest.TerminalReporter) -> None:
        self._config, self._reporter = config, reporter
        self._writer = config.get_terminal_writer()

    def show(self, text: str) -> None:
        """Write a text."""
        with self._uncaptured():
            start = "\n" if self._writer.width_of_current_line else ""
            # With -v pytest has written the test's name, and writes it again, with its outcome, below.
            if start and self._config.get_verbosity() > 0:
                self._reporter.currentfspath = None
            # In one piece, for with workers pytest writes at the same time.
            self._writer.write(f"{start}{text}\n", flush=True)

    def _uncaptured(self) -> AbstractContextManager[None]:
        capture = self._config.pluginmanager.getplugin("capturemanager")
        return capture.global_and_fixture_disabled() if capture else nullcontext()
