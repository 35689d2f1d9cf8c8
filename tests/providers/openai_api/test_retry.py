"""The retry policy: which failures are tried again, how often, and after how long."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone

import pytest

from pytest_humaneval.providers.openai_api import retry
from pytest_humaneval.providers.openai_api.failure import Failure, FailureKind
from pytest_humaneval.providers.openai_api.retry import (
    LONGEST_RETRY_AFTER_S,
    LONGEST_WAIT_S,
    Outage,
    RetryBudget,
)

NOON = datetime(2030, 1, 1, 12, tzinfo=timezone.utc)


def clock_of(*seconds: float) -> Callable[[], float]:
    """Return a clock that shows these times, one at each call."""
    times = iter(seconds)
    return lambda: next(times)


def attempts(kind: FailureKind, max_retries: int, moving: bool = False) -> int:
    """Count the attempts at a request that always fails alike, 99 at most."""
    budget = RetryBudget(max_retries, Outage())
    while budget.wait_s(Failure(kind, "message"), moving) is not None and budget.attempts < 99:
        pass
    return budget.attempts


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("refused", 1), ("transient", 6), ("busy", 6), ("timeout", 1 + retry.TIMEOUT_RETRIES)],
)
def test_how_often_each_kind_is_tried(kind: FailureKind, expected: int) -> None:
    """With five retries: refusals once, costly timeouts a few times, the rest six times."""
    assert attempts(kind, max_retries=5) == expected


def test_no_retries_means_none() -> None:
    """``max_retries = 0`` is one attempt, whatever went wrong."""
    assert {attempts(kind, max_retries=0) for kind in ("transient", "busy", "timeout")} == {1}


def test_being_rate_limited_is_no_failure_while_the_run_moves_on() -> None:
    """A 429 counts no further while other requests get completions; a 500 always counts."""
    assert attempts("busy", max_retries=2, moving=True) == 99
    assert attempts("transient", max_retries=2, moving=True) == 3


def test_an_outage_is_waited_out_and_then_given_up() -> None:
    """The clock decides, not the number of attempts, and every answer resets it."""
    outage = Outage(clock_of(0.0, 1.0, 59.0, 100.0, 159.0, 161.0))
    outage.end()

    # The outage began at 1 s and still lasts at 59 s.
    left = [outage.remaining_s(), outage.remaining_s()]
    outage.end()
    left += [outage.remaining_s(), outage.remaining_s(), outage.remaining_s()]

    assert left == [60.0, 2.0, 60.0, 1.0, 0.0]


def test_a_server_that_never_answered_is_given_up_after_3_seconds() -> None:
    """From the start of the run, not from the first failure: a connection may take seconds to fail."""
    outage = Outage(clock_of(0.0, 2.0, 3.5))

    assert [outage.remaining_s(), outage.remaining_s()] == [1.0, 0.0]


def test_waits_double_up_to_a_limit_and_are_jittered() -> None:
    """Each wait lies between half and all of its doubled bound."""
    for attempt in range(1, 30):
        bound = min(0.25 * 2 ** (attempt - 1), LONGEST_WAIT_S)
        assert bound / 2 <= retry.backoff_s(attempt) <= bound
    assert len({retry.backoff_s(5) for _ in range(10)}) > 1


def test_the_server_may_ask_for_a_longer_wait() -> None:
    """Retry-After is a lower bound; a jitter is added, so that not all requests come back at once."""
    waits = [retry.backoff_s(1, requested_s=7.0) for _ in range(10)]

    assert 7.0 <= min(waits) <= max(waits) <= 7.0 + retry.FIRST_WAIT_S


def test_a_limit_per_minute_is_outlasted_whatever_the_server_requests() -> None:
    """With ten retries the waits after 429s add up to more than a minute, though each requests a second."""
    budget = RetryBudget(10, Outage())
    busy = Failure("busy", "HTTP 429", retry_after="1")

    waits = [budget.wait_s(busy, run_moved_on=False) for _ in range(10)]

    assert sum(wait or 0 for wait in waits) > 80
    assert budget.wait_s(busy, run_moved_on=True) == pytest.approx(1.0, abs=0.25)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, None),
        ("3", 3.0),
        ("0.5", 0.5),
        ("-1", 0.0),
        ("86400", LONGEST_RETRY_AFTER_S),
        ("inf", LONGEST_RETRY_AFTER_S),
        ("Tue, 01 Jan 2030 12:00:09 GMT", 9.0),
        ("Tue, 01 Jan 2030 11:00:00 GMT", 0.0),
        ("Wed, 02 Jan 2030 12:00:00 GMT", LONGEST_RETRY_AFTER_S),
        ("soon", None),
        ("nan", None),
        ("", None),
    ],
)
def test_reading_retry_after(header: str | None, expected: float | None) -> None:
    """Seconds or an HTTP date, never negative, capped; what cannot be read counts as not sent."""
    assert retry.retry_after_s(header, NOON) == expected
