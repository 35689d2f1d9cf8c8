"""The row below what pytest writes: whatever pytest writes is there in the end as if there were no row."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import pytest
from _pytest._io import TerminalWriter
from hypothesis import given
from hypothesis import strategies as st

from pytest_humaneval.session.shared_terminal import StatusRow

COLUMNS, ROWS = 12, 5


class Terminal(io.StringIO):
    """A terminal that is written to as a stream."""

    def __init__(self) -> None:
        super().__init__()
        pyte = pytest.importorskip("pyte", reason="needs pyte, of the extra dev")
        self.screen: Any = pyte.HistoryScreen(COLUMNS, ROWS, history=10_000)
        self._stream = pyte.Stream(self.screen)

    def write(self, text: str) -> int:
        """Show a text; a terminal's driver begins a line where a line ends (ONLCR)."""
        self._stream.feed(text.replace("\n", "\r\n"))
        return len(text)

    @property
    def transcript(self) -> list[str]:
        """All rows, also those that were scrolled off, without the empty ones at the end."""
        above = ["".join(row[column].data for column in range(COLUMNS)) for row in self.screen.history.top]
        return "\n".join(row.rstrip() for row in (*above, *self.screen.display)).rstrip().splitlines()


def writer_on(terminal: Terminal) -> TerminalWriter:
    """Return pytest's writer on a terminal."""
    writer = TerminalWriter(terminal)
    writer.fullwidth = COLUMNS
    return writer


WRITTEN = st.tuples(
    st.just("write"), st.text(".x\n", max_size=3) | st.sampled_from(["y" * 11, "z" * 12, "w" * 13])
)
SHOWN = st.tuples(st.just("show"), st.sampled_from(["", "progress", "p" * 30]))


@given(st.lists(WRITTEN | SHOWN, max_size=30))
def test_pytest_s_text_is_as_if_there_were_no_row(steps: Sequence[tuple[str, str]]) -> None:
    """At every width of its line, at the last column, on the last row, and while it scrolls."""
    shared, alone = Terminal(), Terminal()
    writer, reference = writer_on(shared), writer_on(alone)
    row = StatusRow(writer, shared)
    for step, text in steps:
        if step == "show":
            row.show(text)
        else:
            writer.write(text)
            reference.write(text)
    row.show("")
    writer.write("!")
    reference.write("!")

    assert shared.transcript == alone.transcript


def test_it_is_below_pytest_s_line_and_the_cursor_is_not() -> None:
    """Also on the last row of the screen, which it makes room below."""
    terminal = Terminal()
    writer = writer_on(terminal)
    row = StatusRow(writer, terminal)
    writer.write("\n" * (ROWS - 1) + "...")
    row.show("3/4")
    writer.write(".")

    assert [line.rstrip() for line in terminal.screen.display[-2:]] == ["....", "3/4"]
    assert (terminal.screen.cursor.y, terminal.screen.cursor.x) == (ROWS - 2, 4)
