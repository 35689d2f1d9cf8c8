"""Draws that arrive while others are being completed, such as the later rounds of a conversation."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from contextlib import aclosing

from pytest_humaneval.core.ports import Provider, TakesMore
from pytest_humaneval.core.records import Draw, NoCompletion, SettledDraw

ENDED_EARLY = "the provider ended without a completion"


class Arriving(AsyncIterator[list[Draw]]):
    """Draws as they arrive: each step of the iteration gives all that have come since the last one.

    For one event loop, and one iteration.
    """

    def __init__(self) -> None:
        self._waiting: list[Draw] = []
        self._is_closed = False
        self._changed = asyncio.Event()

    def add(self, draws: Iterable[Draw]) -> None:
        """Add draws."""
        self._waiting += draws
        self._changed.set()

    def close(self) -> None:
        """End the iteration once all that has come was given."""
        self._is_closed = True
        self._changed.set()

    async def __anext__(self) -> list[Draw]:
        """Return what has come, as soon as there is something."""
        while not self._waiting:
            if self._is_closed:
                raise StopAsyncIteration
            self._changed.clear()
            await self._changed.wait()
        arrived, self._waiting = self._waiting, []
        return arrived


async def complete_arriving(arriving: Arriving, provider: Provider) -> AsyncGenerator[SettledDraw, None]:
    """Yield every draw once; the provider is not asked before the first has arrived.

    One that does not take more while it works is asked for all that has arrived, again and again.

    Raises:
        ProviderError: no completion can be had at all.
    """
    async for draws in arriving:
        if isinstance(provider, TakesMore):
            stream = provider.complete_with_more(draws, arriving)
        else:
            stream = provider.complete(draws)
        owed = dict.fromkeys(draws)
        async with aclosing(stream):
            async for draw, result in stream:
                owed.pop(draw, None)
                yield draw, result
        # Whoever waits for one that was forgotten would wait for ever.
        for draw in owed:
            yield draw, NoCompletion(ENDED_EARLY)
