"""The progress line: a text that is renewed in place on a live terminal, or at long intervals in a log."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

# Twice a second is lively without flicker; a log of CI must not be flooded, nor hold a line of a quick run.
_LIVE_EVERY_S = 0.5
_LOGGED_AFTER_S = 2.0
_LOGGED_EVERY_S = 10.0


class ProgressLine:
    """Shows a text at intervals: overwriting one line of a live terminal, or adding lines to a log.

    Thread-safe.

    Args:
        write: shows a text; on a live terminal it overwrites the previous one, and an empty text clears it.
        is_live: whether it is a live terminal. There the text is renewed twice a second; in a log there is a
            line two seconds after the first text that could be shown, and then every ten seconds.
        clock: returns seconds.

    Attributes:
        is_live: whether it is a live terminal.
    """

    def __init__(
        self, write: Callable[[str], None], is_live: bool, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._write, self.is_live, self._clock = write, is_live, clock
        self._started_s = clock()
        self._due_s: float | None = None
        self._is_shown = False
        self._lock = threading.Lock()

    def show(self, text: Callable[[float], str]) -> None:
        """Show the text for the seconds since this object was made, if the interval has passed."""
        with self._lock:
            now_s = self._clock()
            if self._due_s is None:
                self._due_s = now_s + (_LIVE_EVERY_S if self.is_live else _LOGGED_AFTER_S)
            if now_s < self._due_s:
                return
            self._due_s = now_s + (_LIVE_EVERY_S if self.is_live else _LOGGED_EVERY_S)
            self._write(text(now_s - self._started_s))
            self._is_shown = True

    def clear(self) -> None:
        """Remove the text from a live terminal."""
        if not self.is_live:
            return
        with self._lock:
            if self._is_shown:
                self._write("")
            self._is_shown = False
