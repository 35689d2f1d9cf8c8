"""The progress line: how far generation is, on anything that takes longer than two seconds."""

from __future__ import annotations

import time
from collections.abc import Callable

_QUIET_S = 2.0
_LIVE_EVERY_S = 0.5
_LOGGED_EVERY_S = 10.0


def progress_text(done: int, draws: int, tokens: int, elapsed_s: float) -> str:
    """Return how far generation is, in a line."""
    text = f"humaneval: {done}/{draws} completions, {tokens / max(elapsed_s, 1e-9):,.0f} tokens/s"
    if 0 < done < draws:
        text += f", about {elapsed_s / done * (draws - done):.0f} s left"
    return text


class ProgressLine:
    """Shows a text now and then: over and over on one line of a live terminal, else a new line each time.

    ``write`` shows a text; on a live terminal it overwrites the one before, and an empty one clears it.
    """

    def __init__(
        self, write: Callable[[str], None], is_live: bool, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._write, self._is_live, self._clock = write, is_live, clock
        self._started_s = clock()
        self._due_s = self._started_s + _QUIET_S
        self._is_shown = False

    def show(self, text: Callable[[float], str]) -> None:
        """Show a text, made of the seconds elapsed, if it is time for one."""
        now_s = self._clock()
        if now_s < self._due_s:
            return
        self._due_s = now_s + (_LIVE_EVERY_S if self._is_live else _LOGGED_EVERY_S)
        self._write(text(now_s - self._started_s))
        self._is_shown = True

    def clear(self) -> None:
        """Take the text off a live terminal."""
        if self._is_live and self._is_shown:
            self._write("")
        self._is_shown = False
