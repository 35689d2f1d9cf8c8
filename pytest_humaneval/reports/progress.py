"""The progress line: how far generation and execution are, for runs of more than two seconds."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

# Twice a second is lively without flicker; a log of CI must not be flooded.
_QUIET_S = 2.0
_LIVE_EVERY_S = 0.5
_LOGGED_EVERY_S = 10.0


def progress_text(done: int, judged: int, draws: int, tokens: int, elapsed_s: float) -> str:
    """Return one line: how many of the draws are completed and judged, the rates, and the time left."""
    elapsed_s = max(elapsed_s, 1e-9)
    parts = [f"humaneval: {done}/{draws} completions, {judged} judged"]
    if tokens:
        parts.append(f"{tokens / elapsed_s:,.0f} tokens/s")
    if judged:
        parts.append(f"{judged / elapsed_s:,.1f} candidates/s")
    # Judging comes after completing, so its rate determines the end; before the first verdict only the other
    # is known.
    finished = judged or done
    if 0 < finished < draws:
        parts.append(f"about {_duration(elapsed_s / finished * (draws - finished))} left")
    return ", ".join(parts)


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02} min"
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"


class ProgressLine:
    """Shows a text at intervals: overwriting one line of a live terminal, or adding lines to a log.

    Call ``clear`` before anything else is written to the terminal. Thread-safe.

    Args:
        write: shows a text; on a live terminal it overwrites the previous one, and an empty text clears it.
        is_live: whether it is a live terminal. There the line is shown twice a second, but not within two
            seconds after other output; in a log there is a line every ten seconds.
        clock: returns seconds.
    """

    def __init__(
        self, write: Callable[[str], None], is_live: bool, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._write, self._is_live, self._clock = write, is_live, clock
        self._started_s = clock()
        self._due_s = self._started_s + _QUIET_S
        self._is_shown = False
        self._lock = threading.Lock()

    def show(self, text: Callable[[float], str]) -> None:
        """Show the text for the seconds since this object was made, if the interval has passed."""
        with self._lock:
            now_s = self._clock()
            if now_s < self._due_s:
                return
            self._due_s = now_s + (_LIVE_EVERY_S if self._is_live else _LOGGED_EVERY_S)
            self._write(text(now_s - self._started_s))
            self._is_shown = True

    def clear(self) -> None:
        """Remove the text from a live terminal, and show none for two seconds."""
        if not self._is_live:
            return
        with self._lock:
            if self._is_shown:
                self._write("")
            self._is_shown = False
            self._due_s = self._clock() + _QUIET_S
