"""The retry policy: whether a failed attempt is followed by another one, and after how long.

    refused       never
    denied        never
    unpaid        never
    unreachable   while the outage is short; one clock for all requests of a run
    timeout       a few times: each costs its whole time limit
    transient     up to ``max_retries`` times
    busy          up to ``max_retries`` times in a row without any completion of the whole run in between

The wait doubles with each attempt and is jittered, so that hundreds of requests that failed together do not
come back together. A server's Retry-After (RFC 9110, section 10.2.3) is honoured, up to a cap.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime

from pytest_humaneval.providers.openai_api.failure import Failure

FIRST_WAIT_S = 0.25
LONGEST_WAIT_S = 20.0
LONGEST_BUSY_WAIT_S = 30.0
LONGEST_RETRY_AFTER_S = 60.0
TIMEOUT_RETRIES = 2

START_LIMIT_S = 3.0
"""How long a server that never answered is tried: enough for a hiccup, short for a person who waits."""
OUTAGE_LIMIT_S = 60.0
"""How long a server that has answered before may be unreachable: enough for a restart."""

LONGEST_SHORT_REASON = 40  # characters

# The doubling stops at 2**16 times the first wait: far above any longest wait, and no float overflows.
_MOST_DOUBLINGS = 16


class Outage:
    """The time for which no connection could be made, shared by all requests of a run.

    Attributes:
        answered: whether the server has ever sent an answer, be it an error.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Start in an outage: until it answers, the server counts as unreachable.

        ``clock`` returns seconds and never goes back.
        """
        self.answered = False
        self._clock = clock
        # From here, not from the first failure: a connection may take seconds to fail.
        self._since_s: float | None = clock()

    def end(self) -> None:
        """Note that the server has answered."""
        self.answered = True
        self._since_s = None

    def remaining_s(self) -> float:
        """Note that the server could not be reached; return for how long it will still be tried."""
        now_s = self._clock()
        if self._since_s is None:
            self._since_s = now_s
        limit_s = OUTAGE_LIMIT_S if self.answered else START_LIMIT_S
        return max(0.0, self._since_s + limit_s - now_s)


class RetryBudget:
    """The attempts that one request has left.

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
        """Return the seconds to wait before the next attempt, or None if this failure is final.

        Args:
            failure: of the latest attempt.
            run_moved_on: whether other requests of the run got completions since the attempt before it.
        """
        self.attempts += 1
        wait_s = backoff_s(self.attempts, retry_after_s(failure.retry_after))
        if failure.kind == "unreachable":
            remaining_s = self._outage.remaining_s()
            # Cut to the limit, so that the last attempt is made at its very end.
            return min(wait_s, remaining_s) if remaining_s else None
        # Hundreds of requests share a rate limit, so one of them can be turned away far more often than
        # max_retries while the others get their turn: that is a slow server, not a broken one.
        self._counted = 1 if failure.kind == "busy" and run_moved_on else self._counted + 1
        if failure.kind == "busy":
            wait_s = max(wait_s, busy_wait_s(self._counted))
        self._timeouts += failure.kind == "timeout"
        spent = self._counted > self._max_retries or self._timeouts > TIMEOUT_RETRIES
        return None if failure.kind in ("refused", "denied") or spent else wait_s


class RetryWaits:
    """The waits before further attempts, of all requests of a batch.

    Attributes:
        count: requests that wait at this moment.
        reason: why the latest of them failed, in a few words.
    """

    def __init__(self) -> None:
        self.count = 0
        self.reason = ""

    async def wait(self, wait_s: float, failure: Failure) -> None:
        """Wait, counted as one more request that waits."""
        # What comes before the first colon is the status, the system's message or the error's name.
        self.reason = failure.message.partition(":")[0][:LONGEST_SHORT_REASON]
        self.count += 1
        try:
            await asyncio.sleep(wait_s)
        finally:
            self.count -= 1


def backoff_s(attempt: int, requested_s: float | None = None) -> float:
    """Return the wait in seconds after the ``attempt``-th failure (from 1), jittered.

    ``requested_s`` is what the server requested by Retry-After: the wait is never shorter.
    """
    doubled = doubled_s(FIRST_WAIT_S, attempt - 1, LONGEST_WAIT_S)
    # S311: jitter spreads load and keeps no secret.
    jittered = doubled * random.uniform(0.5, 1.0)  # noqa: S311
    return jittered if requested_s is None else requested_s + FIRST_WAIT_S * random.random()  # noqa: S311


def busy_wait_s(in_a_row: int) -> float:
    """Return the least wait in seconds after the ``in_a_row``-th 429 (from 1) without an answer in between.

    Some servers request a wait that is too short: their limits are per minute. With ten retries all waits
    together are longer than that, however they are jittered.
    """
    # S311: as above.
    return doubled_s(FIRST_WAIT_S, in_a_row - 1, LONGEST_BUSY_WAIT_S) * random.uniform(0.75, 1.0)  # noqa: S311


def doubled_s(first_s: float, times: int, longest_s: float) -> float:
    """Return ``first_s`` doubled ``times`` times, in seconds, at most ``longest_s``."""
    return min(first_s * 2.0 ** min(times, _MOST_DOUBLINGS), longest_s)


def retry_after_s(value: str | None, now: datetime | None = None) -> float | None:
    """Return a Retry-After header in seconds from now, never negative; None if there is none to be read.

    Args:
        value: the header: a number of seconds, or an HTTP date.
        now: the present time, by default the clock's.
    """
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        seconds = _seconds_until(value, now or datetime.now(timezone.utc))
    # NaN, which is not equal to itself, is a date that cannot be parsed (or the header "nan").
    return min(max(seconds, 0.0), LONGEST_RETRY_AFTER_S) if seconds == seconds else None


def _seconds_until(http_date: str, now: datetime) -> float:
    try:
        date = parsedate_to_datetime(http_date)
    except ValueError:
        return float("nan")
    # parsedate_to_datetime gives no time zone for "-0000"; HTTP dates are always in GMT.
    return ((date if date.tzinfo else date.replace(tzinfo=timezone.utc)) - now).total_seconds()
