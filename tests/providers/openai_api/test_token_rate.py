"""Tokens per minute: reserved before a request is sent, corrected by its answer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence

from pytest_humaneval.core.ports import Provider
from pytest_humaneval.core.records import Completion, Draw, Message, Request, Sampling, SettledDraw
from pytest_humaneval.providers.openai_api.failure import Failure
from pytest_humaneval.providers.openai_api.pacing import Rates
from pytest_humaneval.providers.openai_api.provider import ServerProvider
from pytest_humaneval.providers.openai_api.token_rate import TokenRate
from tests.support.serving import StartServer
from tests.support.stub_behaviour import Behaviour

Collect = Callable[[Provider, Sequence[Draw]], list[SettledDraw]]


def asked(chars: int, max_tokens: int) -> Request:
    """Return a request of so many characters."""
    return Request("m", "chat", (Message("user", "x" * chars),), Sampling(max_tokens=max_tokens))


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now_s


async def passes(rate: TokenRate, request: Request, size: int = 1) -> bool:
    """Return whether a request gets its tokens at once."""
    waiting = asyncio.ensure_future(rate.reserve(request, size))
    for _ in range(10):
        await asyncio.sleep(0)
    is_through = waiting.done()
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    return is_through


def test_a_request_takes_its_prompt_and_max_tokens() -> None:
    """Four characters a token, and as many answers as it asks for, all of which may be as long as allowed."""

    async def steps() -> None:
        clock = Clock()
        rate = TokenRate(6000, clock)
        assert not await passes(rate, asked(400, 1))
        clock.now_s = 5.0  # 500 tokens have come
        assert await rate.reserve(asked(400, 200), 2) == 500
        assert not await passes(rate, asked(4, 0))

    asyncio.run(steps())


def test_an_answer_gives_back_what_it_did_not_need() -> None:
    """Whoever waits gets it at once; a refused request needed nothing, a dropped one all."""

    async def outcome_lets_pass(outcome: object, tokens: int) -> bool:
        clock = Clock()
        rate = TokenRate(6000, clock)
        clock.now_s = 10.0
        reserved = await rate.reserve(asked(400, 900), 1)
        waiting = asyncio.ensure_future(rate.reserve(asked(0, tokens), 1))
        await asyncio.sleep(0)
        rate.settle(asked(400, 900), reserved, outcome)
        for _ in range(10):
            await asyncio.sleep(0)
        is_through = waiting.done()
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        return is_through

    async def steps() -> None:
        used = [Completion("", prompt_tokens=150, completion_tokens=50)]
        assert await outcome_lets_pass(used, 800)
        assert not await outcome_lets_pass(used, 801)
        assert await outcome_lets_pass(Failure("busy", "429"), 1000)
        assert not await outcome_lets_pass(Failure("transient", "dropped"), 1)
        # A server that does not count.
        assert not await outcome_lets_pass([Completion("text")], 1)

    asyncio.run(steps())


def test_the_estimate_learns_from_counts() -> None:
    """A prompt of 400 characters that had 200 tokens: the next one is taken to have as many."""

    async def steps() -> None:
        clock = Clock()
        rate = TokenRate(6000, clock)
        clock.now_s = 10.0
        reserved = await rate.reserve(asked(400, 0), 1)
        rate.settle(asked(400, 0), reserved, [Completion("", prompt_tokens=200)])
        assert (reserved, await rate.reserve(asked(400, 0), 1)) == (100, 200)

    asyncio.run(steps())


def test_a_request_that_is_larger_than_a_minute_goes_all_the_same() -> None:
    """Else it would wait for ever."""

    async def steps() -> None:
        clock = Clock()
        rate = TokenRate(60, clock)
        clock.now_s = 60.0
        assert await passes(rate, asked(0, 1000))

    asyncio.run(steps())


def test_a_server_is_asked_for_no_more_than_its_rate(stub_server: StartServer, collect: Collect) -> None:
    """All are answered, and the tokens that were used came at the rate, after the first was waited for."""
    stub = stub_server(Behaviour())
    draws = [Draw(f"Test/{i}", 0, asked(40, 20)) for i in range(30)]

    began_s = time.monotonic()
    results = collect(ServerProvider(stub.base_url, rates=Rates(tokens_per_minute=12_000)), draws)
    took_s = time.monotonic() - began_s

    completions = [result for _, result in results if isinstance(result, Completion)]
    used = sum(each.prompt_tokens + each.completion_tokens for each in completions)
    assert len(completions) == 30
    assert took_s >= used / 200
