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
_SAVE, _DOWN, _RESTORE = "\x1b7", "\r\x1b[B", "\x1b8"
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
            erased = self._erased()
            self._text = text
            self._terminal.write(erased + self._drawn())
            self._terminal.flush()

    def _write_above(self, msg: str, *, flush: bool = False, **markup: bool) -> None:  # noqa: ARG002
        with self._lock:
            self._writer.write_raw(self._erased())
            self._write(msg, flush=False, **markup)
            # Always flushed: else what waits in the stream would come after the row. In one piece with the
            # text, so that the row does not flicker.
            self._writer.write_raw(self._drawn(), flush=True)

    def _erased(self) -> str:
        return _ERASE_BELOW if self._has_place else ""

    def _drawn(self) -> str:
        shown = self._text[: self._writer.fullwidth - 1]
        return f"{_MAKE_ROOM}{_SAVE}{_DOWN}{shown}{_RESTORE}" if self._has_place else ""

    @property
    def _has_place(self) -> bool:
        # After a text that ends in the last column, terminals differ in where they have the cursor.
        width = self._writer.width_of_current_line
        return bool(self._text) and not (width and width % self._writer.fullwidth == 0)


def has_room(config: pytest.Config, reporter: pytest.TerminalReporter) -> bool:
    """Whether pytest's output is a terminal to which nobody writes unseen."""
    is_live = bool(reporter.isatty) and os.environ.get("TERM") != "dumb"
    # With -s and the like, tests write to the terminal themselves.
    return is_live and config.getoption("capture", "no") in ("fd", "sys")


def open_status_row(config: pytest.Config) -> StatusRow:
    """Return a row on pytest's terminal; call it while nothing is captured."""
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
