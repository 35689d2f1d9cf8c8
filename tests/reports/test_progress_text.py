"""The progress line's text: what it says, and what it leaves out where there is no room."""

from __future__ import annotations

import pytest

from pytest_humaneval.core.ports import Traffic
from pytest_humaneval.reports.progress_text import ProgressState, duration, progress_text

RETRYING = Traffic(in_flight=96, waiting_to_retry=12, retry_reason="HTTP 429")
WHOLE = ProgressState(
    164, done=41, judged=38, passed=20, errors=2, traffic=RETRYING, tokens_per_s=1234.4, left_s=95.0
)


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        pytest.param(ProgressState(164), "0/164 completions, 0 judged", id="nothing-yet"),
        pytest.param(
            WHOLE,
            "41/164 completions, 38 judged, 56 % passed, 2 errors, 96 in flight, "
            "12 waiting to retry: HTTP 429, 1,234 tokens/s, ~2 min left",
            id="everything",
        ),
        pytest.param(
            ProgressState(9, done=4, judged=4, passed=1, asking=3, traffic=Traffic(in_flight=5)),
            "4/9 completions, 4 judged, 25 % passed, 3 in repair rounds, 5 in flight",
            id="repair-rounds",
        ),
        pytest.param(
            ProgressState(2, done=1, judged=1, errors=1),
            "1/2 completions, 1 judged, 1 error",
            id="no-verdict",
        ),
        pytest.param(
            ProgressState(2, done=2, judged=2, passed=2, left_s=0.0),
            "2/2 completions, 2 judged, 100 % passed",
            id="all-there",
        ),
    ],
)
def test_the_text_says_how_far_a_run_is(state: ProgressState, expected: str) -> None:
    """Counts, the pass rate of what has a verdict, what the requests do, and the time left, where known."""
    assert progress_text(state) == f"humaneval: {expected}"


def test_80_columns_hold_what_matters_during_retries() -> None:
    """The pass rate, what is in flight, what waits and why, and the time left."""
    expected = "41/164, 56 % passed, 96 in flight, 12 waiting to retry: HTTP 429, ~2 min left"

    assert progress_text(WHOLE, 79) == expected


@pytest.mark.parametrize("columns", range(6, 200))
def test_no_text_is_wider_than_the_terminal(columns: int) -> None:
    """What does not fit is left out, never cut in the middle of a word, the count last of all."""
    text = progress_text(WHOLE, columns)

    assert len(text) <= columns
    assert "41/164" in text
    assert set(text.split(", ")[1:]) <= set(progress_text(WHOLE).split(", ")[1:])


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(0.0, "1 s"), (59.4, "59 s"), (60, "1 min"), (95, "2 min"), (3599, "1 h 00 min"), (9_000, "2 h 30 min")],
)
def test_a_duration_has_the_unit_that_suits_it(seconds: float, expected: str) -> None:
    """Nobody needs the seconds of an hour, and nothing takes none at all."""
    assert duration(seconds) == expected
