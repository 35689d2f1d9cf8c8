"""How long a run will still take, from its recent pace."""

from __future__ import annotations

import math

_MEMORY_S = 30.0
"""What happened so long ago counts for 1/e of what happens now."""

_OBSERVED_FOR_S = 3.0
"""No estimate is made from less than this."""

_TOLERANCE = 2.0
"""An estimate up to so many times the last one leaves that one as it was; above, there is none."""


class Pace:
    """How many of something are finished in a second, of late: an exponentially weighted average."""

    def __init__(self) -> None:
        self._now_s, self._count = math.nan, 0
        self._weighted_count = self._weighted_s = 0.0

    def update(self, now_s: float, count: int) -> None:
        """Note how many are finished by now; the first call starts the clock."""
        if not math.isnan(self._now_s):
            passed_s = now_s - self._now_s
            weight = math.exp(-passed_s / _MEMORY_S)
            self._weighted_s = self._weighted_s * weight + passed_s
            self._weighted_count = self._weighted_count * weight + count - self._count
        self._now_s, self._count = now_s, count

    def left_s(self, remaining: int) -> float | None:
        """Return how long so many more take at this pace; None while that cannot be known."""
        if not remaining:
            return 0.0
        if self._weighted_s < _OBSERVED_FOR_S or not self._weighted_count:
            return None
        return remaining * self._weighted_s / self._weighted_count


class TimeLeft:
    """Estimates the time left; what it returns never climbs.

    Completions that come from a store say nothing about the pace of a model, so the two are not mixed:
    ``fresh`` counts those that the provider gave.
    """

    def __init__(self) -> None:
        self._generation, self._judging = Pace(), Pace()
        self._least_s = math.inf

    def estimate_s(
        self, now_s: float, fresh: int, judged: int, to_generate: int, to_judge: int
    ) -> float | None:
        """Return the estimate in seconds; None where there is none.

        The slower of the two stages decides. Where the estimate would climb a little, the last one stays;
        where it would climb much, nobody knows.

        Args:
            now_s: a clock that never goes back.
            fresh: completions that the provider gave so far.
            judged: draws that are judged so far.
            to_generate: draws that have no completion yet.
            to_judge: draws that are not judged yet.
        """
        self._generation.update(now_s, fresh)
        self._judging.update(now_s, judged)
        generation_s, judging_s = self._generation.left_s(to_generate), self._judging.left_s(to_judge)
        if generation_s is None or judging_s is None:
            return None
        estimate_s = max(generation_s, judging_s)
        if estimate_s > _TOLERANCE * self._least_s:
            return None
        self._least_s = min(self._least_s, estimate_s)
        return self._least_s
