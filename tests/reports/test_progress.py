"""The progress line, with a clock that the test sets."""

from __future__ import annotations

import pytest

from pytest_humaneval.reports.progress import ProgressLine


class Shown:
    """A terminal and a clock: a line shown at each of some seconds, and what was written of it."""

    def __init__(self, is_live: bool) -> None:
        self.now_s, self.written = 100.0, list[str]()
        self.line = ProgressLine(self.written.append, is_live, lambda: self.now_s)

    def at(self, *seconds: float) -> list[str]:
        """Show at these seconds since the beginning; return everything written."""
        for second in seconds:
            self.now_s = 100.0 + second
            self.line.show(lambda elapsed_s: f"{elapsed_s:g}")
        return self.written


@pytest.mark.parametrize(("is_live", "just_before"), [(True, 0.4), (False, 1.9)])
def test_what_is_quick_shows_nothing(is_live: bool, just_before: float) -> None:
    """A run of an instant has no use for a progress line, nor a log of one for a run of two seconds."""
    assert Shown(is_live).at(0, just_before) == []


def test_a_live_line_moves_twice_a_second() -> None:
    """Often enough to be alive, not so often as to flicker."""
    assert Shown(is_live=True).at(0, 0.5, 0.6, 0.9, 1, 1.4, 1.5) == ["0.5", "1", "1.5"]


def test_a_log_gets_a_line_every_ten_seconds() -> None:
    """A CI log is not flooded."""
    assert Shown(is_live=False).at(0, 2, 3, 11.9, 12, 21, 22) == ["2", "12", "22"]


@pytest.mark.parametrize(("is_live", "expected"), [(True, ["2", ""]), (False, ["2"])])
def test_clearing_takes_the_line_off_a_live_terminal_once(is_live: bool, expected: list[str]) -> None:
    """A log keeps its lines, and where nothing is shown nothing is cleared."""
    shown = Shown(is_live)
    shown.line.clear()
    shown.at(0, 2)
    shown.line.clear()
    shown.line.clear()

    assert shown.written == expected
