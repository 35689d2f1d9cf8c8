"""The progress line, with a clock that the test sets."""

from __future__ import annotations

import pytest

from pytest_humaneval.reports.progress import ProgressLine, progress_text


@pytest.mark.parametrize(
    ("done", "judged", "tokens", "elapsed_s", "expected"),
    [
        pytest.param(0, 0, 0, 3.0, "0/164 completions, 0 judged", id="nothing-yet"),
        pytest.param(
            41,
            0,
            9_000,
            3.0,
            "41/164 completions, 0 judged, 3,000 tokens/s, about 9 s left",
            id="generating-only",
        ),
        pytest.param(
            164,
            41,
            9_000,
            30.0,
            "164/164 completions, 41 judged, 300 tokens/s, 1.4 candidates/s, about 1 min 30 s left",
            id="judging-is-behind",
        ),
        pytest.param(
            2, 1, 0, 60.0, "2/164 completions, 1 judged, 0.0 candidates/s, about 2 h 43 min left", id="slow"
        ),
        pytest.param(
            164,
            164,
            9_000,
            3.0,
            "164/164 completions, 164 judged, 3,000 tokens/s, 54.7 candidates/s",
            id="all-there",
        ),
        pytest.param(0, 0, 0, 0.0, "0/164 completions, 0 judged", id="no-time-at-all"),
    ],
)
def test_the_text_has_counts_rates_and_the_time_left(
    done: int, judged: int, tokens: int, elapsed_s: float, expected: str
) -> None:
    """Rates, and an estimate where there is something to estimate from."""
    assert progress_text(done, judged, 164, tokens, elapsed_s) == f"humaneval: {expected}"


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


def test_what_is_quick_shows_nothing() -> None:
    """A run under two seconds has no use for a progress line."""
    assert Shown(is_live=True).at(0, 1, 1.9) == []


def test_a_live_line_moves_twice_a_second() -> None:
    """Often enough to be alive, not so often as to flicker."""
    assert Shown(is_live=True).at(2, 2.1, 2.4, 2.5, 2.9, 3) == ["2", "2.5", "3"]


def test_a_log_gets_a_line_every_ten_seconds() -> None:
    """A CI log is not flooded."""
    assert Shown(is_live=False).at(2, 3, 11.9, 12, 21, 22) == ["2", "12", "22"]


@pytest.mark.parametrize(("is_live", "expected"), [(True, ["2", ""]), (False, ["2"])])
def test_clearing_takes_the_line_off_a_live_terminal_once(is_live: bool, expected: list[str]) -> None:
    """A log keeps its lines, and where nothing is shown nothing is cleared."""
    shown = Shown(is_live)
    shown.line.clear()
    shown.at(2)
    shown.line.clear()
    shown.line.clear()

    assert shown.written == expected


def test_a_live_line_leaves_room_for_what_else_is_written() -> None:
    """After something else was shown, it is quiet for two seconds again: results are not torn apart."""
    shown = Shown(is_live=True)
    shown.at(2)
    shown.line.clear()

    assert shown.at(3.9, 4) == ["2", "", "4"]


def test_a_log_s_lines_keep_their_rhythm() -> None:
    """Results in between make no line come later or sooner."""
    shown = Shown(is_live=False)
    for second in (2, 6, 11.9, 12):
        shown.at(second)
        shown.line.clear()

    assert shown.written == ["2", "12"]
