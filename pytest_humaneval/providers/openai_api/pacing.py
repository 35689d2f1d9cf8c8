"""The pace of a batch's requests: how many may be under way, and when the next one may begin.

A server that answers 429 is asked for half as much at a time, once for all that were under way together;
each answer lets a little more through again, up to the configured concurrency: additive increase,
multiplicative decrease (Chiu and Jain 1989). Where ``requests_per_minute`` is known, requests begin evenly
spaced, a little slower than that; where ``tokens_per_minute`` is, ``token_rate`` says when.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from pytest_humaneval.core.records import Request
from pytest_humaneval.providers.openai_api.failure import Failure
from pytest_humaneval.providers.openai_api.token_rate import TokenRate

LEAST = 1.0
"""The fewest completions at a time, however busy a server says it is."""
SPARE = 0.02
"""The share of a known rate that is not used.

Without it every request that was less delayed on its way than the one before would come too early for a
server that admits one at a time, and each of them would cost a turn.
"""


@dataclass(frozen=True)
class Rates:
    """The most that a server is asked for in a minute; None for as much as comes.

    Attributes:
        requests_per_minute: requests that begin.
        tokens_per_minute: tokens that they read and write.
    """

    requests_per_minute: float | None = None
    tokens_per_minute: float | None = None


NO_RATES = Rates()
"""No limit is known."""


class Pace:
    """Lets attempts through, and learns from what comes of them.

    Attributes:
        most: completions that may be asked for at a time, as configured.
        limit: the same, as the server takes them at present.
    """

    def __init__(
        self,
        most: int,
        rates: Rates = NO_RATES,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Allow ``most`` completions at a time.

        Args:
            most: the configured concurrency.
            rates: the most of a minute.
            clock: returns seconds and never goes back.
        """
        self.limit = float(most)
        self.most, self._clock = most, clock
        per_minute = rates.requests_per_minute
        self._gap_s = 60.0 * (1 + SPARE) / per_minute if per_minute else 0.0
        self._next_s = clock()
        self._tokens = TokenRate(rates.tokens_per_minute, clock)
        self._lowered_s = float("-inf")
        self._under_way = 0
        self._waiters: deque[asyncio.Future[None]] = deque()

    @asynccontextmanager
    async def attempt(self, size: int, request: Request) -> AsyncIterator[Callable[[object], None]]:
        """Wait for the turn of an attempt that asks for ``size`` completions of a request.

        The context has a function that takes the attempt's outcome.
        """
        # One that is larger than the limit still goes, alone: else it would wait for ever.
        while self._under_way and self._under_way + size > self.limit:
            waiter = asyncio.get_running_loop().create_future()
            self._waiters.append(waiter)
            await waiter
        self._under_way += size
        try:
            reserved = await self._tokens.reserve(request, size)
            if (wait_s := self._turn_s()) > 0:
                await asyncio.sleep(wait_s)
            began_s = self._clock()
            outcome: object = Failure("unpaid", "nothing was sent")

            def note(found: object) -> None:
                nonlocal outcome
                outcome = found
                self._learn(found, size, began_s)

            try:
                yield note
            finally:
                self._tokens.settle(request, reserved, outcome)
        finally:
            self._under_way -= size
            self._wake()

    def _turn_s(self) -> float:
        """Return how long the next request has to wait, and take its turn."""
        now_s = self._clock()
        turn_s = max(self._next_s, now_s)
        self._next_s = turn_s + self._gap_s
        return turn_s - now_s

    def _learn(self, outcome: object, size: int, began_s: float) -> None:
        if not isinstance(outcome, Failure):
            self.limit = min(self.most, self.limit + size / self.limit)
        # All that were under way together learn of one overload, which is one reason to slow down.
        elif outcome.kind == "busy" and began_s >= self._lowered_s:
            self.limit = max(LEAST, min(self.limit, self._under_way) / 2)
            self._lowered_s = self._clock()

    def _wake(self) -> None:
        """Wake as many of those that wait as there is room for; who finds too little waits again."""
        room = self.limit - self._under_way
        while self._waiters and room >= 1:
            waiter = self._waiters.popleft()
            # One that was cancelled waits no more.
            if not waiter.done():
                waiter.set_result(None)
                room -= 1
