"""All of HumanEval asked of an API that allows 60 requests a minute, in time that passes by itself.

The event loop's clock jumps to whatever comes next, so minutes take a moment and a busy machine changes
nothing; benchmarks/rate_limits.py has the same over HTTP, in real minutes.
"""

from __future__ import annotations

import asyncio
import json
import random
import selectors
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from pytest_humaneval.core.config.extra_headers import NO_HEADERS
from pytest_humaneval.core.cost import Bill, Purse
from pytest_humaneval.core.records import Completion, Draw, Message, NoCompletion, Request, Sampling
from pytest_humaneval.providers.openai_api.batch import RequestBatch
from pytest_humaneval.providers.openai_api.credentials import Credentials
from pytest_humaneval.providers.openai_api.pacing import Pace, Rates
from pytest_humaneval.providers.openai_api.replicas import Replicas

REQUESTS, A_MINUTE = 164, 60
WINDOW, ONE_A_SECOND = (60, 60.0), (1, 1.0)
LATENCY_S, LONGEST_DELAY_S = 1.0, 0.015


class JumpingSelector(selectors.DefaultSelector):
    """A selector that does not wait: time goes on by what it would have waited."""

    now_s = 0.0

    def select(self, timeout: float | None = None) -> Any:  # noqa: ANN401 (of the base class)
        """Return what is ready at once."""
        self.now_s += max(timeout or 0.0, 0.0)
        return super().select(0 if timeout is not None else None)


class JumpingLoop(asyncio.SelectorEventLoop):
    """An event loop in whose time nothing waits."""

    def __init__(self) -> None:
        self._jumping = JumpingSelector()
        super().__init__(self._jumping)

    def time(self) -> float:
        """Return the seconds that would have passed."""
        return self._jumping.now_s


@dataclass
class HostedAPI:
    """The client of an API that admits so many requests in any so many seconds, and answers 429 beyond.

    Attributes:
        allowed: how many, in how many seconds.
        admitted_s: when each request was admitted.
        turned_away: how many got a 429.
        in_flight: how many requests are, and were whenever one was sent.
    """

    allowed: tuple[int, float]
    base_url: str = "http://hosted/v1"
    admitted_s: list[float] = field(default_factory=list)
    turned_away: int = 0
    in_flight: int = 0
    history: list[tuple[float, int]] = field(default_factory=list)

    @property
    def session(self) -> HostedAPI:
        """Where requests are sent to."""
        return self

    @asynccontextmanager
    async def post(self, _url: str, **_body: object) -> AsyncGenerator[SimpleNamespace, None]:
        """Answer after a second, or turn the request away."""
        loop = asyncio.get_running_loop()
        self.in_flight += 1
        self.history.append((loop.time(), self.in_flight))
        try:
            await asyncio.sleep(random.uniform(0, LONGEST_DELAY_S))  # noqa: S311 (of a network)
            yield await self._answer(loop.time())
        finally:
            self.in_flight -= 1

    async def _answer(self, now_s: float) -> SimpleNamespace:
        count, window_s = self.allowed
        if sum(each > now_s - window_s for each in self.admitted_s) >= count:
            self.turned_away += 1
            return answered(429, {"error": {"message": "slow down"}}, {"Retry-After": "1"})
        self.admitted_s.append(now_s)
        await asyncio.sleep(LATENCY_S)
        return answered(200, {"choices": [{"message": {"content": "text"}, "finish_reason": "stop"}]}, {})


def answered(status: int, content: object, headers: dict[str, str]) -> SimpleNamespace:
    """Return what the client sees of an answer."""

    async def read() -> bytes:
        return json.dumps(content).encode()

    return SimpleNamespace(status=status, ok=status < 400, headers=headers, read=read)


def asked(api: HostedAPI, rate: float | None) -> tuple[list[Completion | NoCompletion], float]:
    """Return what becomes of each request, and the seconds that all of them take."""
    draws = [
        Draw(f"Test/{i}", 0, Request("m", "chat", (Message("user", f"ask {i}"),), Sampling()))
        for i in range(REQUESTS)
    ]
    clients: Any = [api]

    async def everything() -> list[Completion | NoCompletion]:
        pace = Pace(256, Rates(rate), asyncio.get_running_loop().time)
        batch = RequestBatch(
            Replicas(clients), draws, pace, 10, Credentials("no key", NO_HEADERS), Bill(None, Purse())
        )
        return [result async for _, result in batch.results()]

    loop = JumpingLoop()
    try:
        return loop.run_until_complete(everything()), loop.time()
    finally:
        loop.close()


@pytest.mark.parametrize("rate", [A_MINUTE, None], ids=["known", "not known"])
@pytest.mark.parametrize("allowed", [WINDOW, ONE_A_SECOND], ids=["a window", "one a second"])
def test_nothing_is_lost_and_the_rate_is_used(allowed: tuple[int, float], rate: float | None) -> None:
    """All 164 are answered, at nine tenths of the allowed rate or more; a known rate is never exceeded."""
    api = HostedAPI(allowed)

    results, seconds = asked(api, rate)

    assert [type(result) for result in results] == [Completion] * REQUESTS
    assert 60 * REQUESTS / seconds >= 0.9 * A_MINUTE
    assert (api.turned_away == 0) == (rate is not None)


def test_what_is_asked_at_a_time_adapts() -> None:
    """At first as much as comes, since no limit is known; a few after many 429s; more with each success."""
    api = HostedAPI(WINDOW)

    asked(api, None)

    def most(began_s: float, ended_s: float) -> int:
        return max((count for at_s, count in api.history if began_s <= at_s < ended_s), default=0)

    assert most(0, 1) > 60
    assert most(2, 60) <= 3
    # The window opens again.
    assert 3 < most(60, 120) < 60
