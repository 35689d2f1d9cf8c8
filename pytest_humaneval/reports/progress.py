"""The progress line: how far generation and execution are, wherever that takes longer than two seconds."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

_QUIET_S = 2.0
_LIVE_EVERY_S = 0.5
_LOGGED_EVERY_S = 10.0


def progress_text(done: int, judged: int, draws: int, tokens: int, elapsed_s: float) -> str:
    """Return in a line how many of the draws are completed and judged, how fast, and how long to go."""
    elapsed_s = max(elapsed_s, 1e-9)
    parts = [f"humaneval: {done}/{draws} completions, {judged} judged"]
    if tokens:
        parts.append(f"{tokens / elapsed_s:,.0f} tokens/s")
    if judged:
        parts.append(f"{judged / elapsed_s:,.1f} candidates/s")
    # What is judged was completed before, so the end is as far as judging is; unless nothing is judged yet.
    settled = judged or done
    if 0 < settled < draws:
        parts.append(f"about {_duration(elapsed_s / settled * (draws - settled))} left")
    return ", ".join(parts)


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes:02} min"
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"


class ProgressLine:
    """Shows a text now and then: again and again on one line of a live terminal, else a new line each time.

    Whatever else is written has a live terminal for itself after ``clear``. Threads may share one line.

    Args:
        write: shows a text; on a live terminal it overwrites the one before, and an empty one clears it.
        is_live: whether it is such a terminal. There, nothing is shown until nothing else has been for two
            seconds; in a log there is a line every ten seconds.
        clock: gives seconds.
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
        """Show a text, made of the seconds since this line began, if it is time for one."""
        with self._lock:
            now_s = self._clock()
            if now_s < self._due_s:
                return
            self._due_s = now_s + (_LIVE_EVERY_S if self._is_live else _LOGGED_EVERY_S)
            self._write(text(now_s - self._started_s))
            self._is_shown = True

    def clear(self) -> None:
        """Take the text off a live terminal, and keep quiet for a while."""
        if not self._is_live:
            return
        with self._lock:
            if self._is_shown:
                self._write("")
            self._is_shown = False
            self._due_s = self._clock() + _QUIET_S
