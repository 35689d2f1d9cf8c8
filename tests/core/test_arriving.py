"""Draws that arrive one after the other, and providers that take them only in batches."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence

from pytest_humaneval.core.arriving import ENDED_EARLY, Arriving, complete_arriving
from pytest_humaneval.core.records import Completion, Draw, NoCompletion, Request, Sampling, SettledDraw

DRAWS = [Draw("Test/0", index, Request("m", "chat", (), Sampling())) for index in range(4)]


class BatchProvider:
    """Answers one batch at a time, as an engine in this process does; forgets some draws."""

    def __init__(self, forgotten: Sequence[Draw] = ()) -> None:
        self.batches: list[list[Draw]] = []
        self.at_work = 0
        self._forgotten = forgotten

    async def complete(self, draws: Sequence[Draw]) -> AsyncGenerator[SettledDraw, None]:
        """Yield the draws."""
        self.batches.append(list(draws))
        self.at_work += 1
        assert self.at_work == 1
        for draw in draws:
            if draw not in self._forgotten:
                yield draw, Completion("text")
        self.at_work -= 1


def test_a_provider_of_batches_is_asked_again_for_what_came_meanwhile() -> None:
    """One batch at a time; what arrives while it works makes the next one."""

    async def settled() -> list[Draw]:
        arriving, seen = Arriving(), list[Draw]()
        arriving.add(DRAWS[:1])
        async for draw, _ in complete_arriving(arriving, provider):
            seen.append(draw)
            if draw == DRAWS[0]:
                arriving.add(DRAWS[1:3])
                arriving.add(DRAWS[3:])
                arriving.close()
        return seen

    provider = BatchProvider()

    assert asyncio.run(settled()) == DRAWS
    assert provider.batches == [DRAWS[:1], DRAWS[1:]]


def test_nothing_is_asked_where_nothing_arrives() -> None:
    """A run whose completions are all in the store touches no provider: no engine is loaded."""

    async def settled() -> list[SettledDraw]:
        arriving = Arriving()
        arriving.close()
        return [each async for each in complete_arriving(arriving, provider)]

    provider = BatchProvider()

    assert asyncio.run(settled()) == []
    assert provider.batches == []


def test_a_draw_that_is_forgotten_is_settled_all_the_same() -> None:
    """Whoever waits for it hears that there is no completion."""

    async def settled() -> dict[Draw, object]:
        arriving = Arriving()
        arriving.add(DRAWS)
        arriving.close()
        provider = BatchProvider(forgotten=DRAWS[1:2])
        return {draw: result async for draw, result in complete_arriving(arriving, provider)}

    found = asyncio.run(settled())

    assert found.pop(DRAWS[1]) == NoCompletion(ENDED_EARLY)
    assert set(found.values()) == {Completion("text")}
