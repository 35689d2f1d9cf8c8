"""Whether a failed attempt is worth another one, and when it should be made.

    refused       never tried again
    unreachable   while the outage is short; one clock for all requests of a run
    timeout       a few times: each costs its whole time limit
    passing       up to ``max_retries`` times
    busy          likewise, but only attempts during which the whole run stood still count

The wait doubles with each attempt and is jittered, so that hundreds of requests that failed together do not
come back together. A server's Retry-After (RFC 9110, section 10.2.3) is honoured, up to a cap.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime

from pytest_humaneval.providers.openai_api.failure import Failure

FIRST_WAIT_S = 0.25
LONGEST_WAIT_S = 20.0
LONGEST_RETRY_AFTER_S = 60.0
TIMEOUT_RETRIES = 2

START_PATIENCE_S = 3.0
"""How long a server that never answered is tried: enough for a hiccup, short for a person."""
OUTAGE_PATIENCE_S = 60.0
"""How long a server that has answered before may be unreachable: enough for a restart."""


class Outage:
    """The time for which no connection could be made, shared by all requests of a run.

    Attributes:
        answered: whether the server has ever said anything at all, be it an error.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Start the clock (seconds, never set back): until it answers, the server counts as unreachable."""
        self.answered = False
        self._clock = clock
        self._since: float | None = clock()

    def over(self) -> None:
        """Note that the server has answered."""
        self.answered = True
        self._since = None

    def patience_left_s(self) -> float:
        """Note that the server could not be reached; return for how long it will still be tried."""
        now = self._clock()
        if self._since is None:
            self._since = now
        patience_s = OUTAGE_PATIENCE_S if self.answered else START_PATIENCE_S
        return max(0.0, self._since + patience_s - now)


class Patience:
    """What one request may still try.

    Attributes:
        attempts: failed attempts so far.
    """

    def __init__(self, max_retries: int, outage: Outage) -> None:
        """Allow ``max_retries`` further attempts after the first, within the run's outage clock."""
        self.attempts = 0
        self._max_retries = max_retries
        self._outage = outage
        self._counted = 0
        self._timeouts = 0

    def wait_s(self, failure: Failure, run_moved_on: bool) -> float | None:
        """Return how long to wait before the next attempt, or None if this failure is final.

        Args:
            failure: how the latest attempt failed.
            run_moved_on: whether any other request was answered since the attempt before.
        """
        self.attempts += 1
        wait = backoff_s(self.attempts, retry_after_s(failure.retry_after))
        if failure.kind == "unreachable":
            patience_left_s = self._outage.patience_left_s()
            return min(wait, patience_left_s) if patience_left_s else None
        self._counted = 1 if failure.kind == "busy" and run_moved_on else self._counted + 1
        self._timeouts += failure.kind == "timeout"
        spent = self._counted > self._max_retries or self._timeouts > TIMEOUT_RETRIES
        return None if failure.kind == "refused" or spent else wait


def backoff_s(attempt: int, asked_s: float | None = None) -> float:
    """Return the wait after the ``attempt``-th failure (from 1): jittered, never less than asked."""
    doubled = doubled_s(FIRST_WAIT_S, attempt - 1, LONGEST_WAIT_S)
    jittered = doubled * random.uniform(0.5, 1.0)  # noqa: S311 - it spreads load, it keeps no secret
    return jittered if asked_s is None else asked_s + FIRST_WAIT_S * random.random()  # noqa: S311 - likewise


def doubled_s(first_s: float, times: int, longest_s: float) -> float:
    """Return a wait that has been doubled so many times, up to the longest."""
    return min(first_s * 2.0 ** min(times, 16), longest_s)


def retry_after_s(value: str | None, now: datetime | None = None) -> float | None:
    """Return a Retry-After header in seconds from now, never negative; None if there is none to be read.

    Args:
        value: the header: a number of seconds, or an HTTP date.
        now: the present, by default the clock's.
    """
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        seconds = _seconds_until(value, now or datetime.now(timezone.utc))
    return min(max(seconds, 0.0), LONGEST_RETRY_AFTER_S) if seconds == seconds else None  # NaN: unreadable


def _seconds_until(http_date: str, now: datetime) -> float:
    try:
        date = parsedate_to_datetime(http_date)
    except ValueError:
        return float("nan")
    return ((date if date.tzinfo else date.replace(tzinfo=timezone.utc)) - now).total_seconds()
