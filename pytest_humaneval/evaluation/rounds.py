"""Repair rounds: an answer whose program fails an example is followed by another request.

Each first completion is looked at as soon as it is there, and its second round is asked for at once, while
others are still being generated. What comes out is one settled draw for each that went in: the first
completion, which has the later ones as its ``rounds``.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace

from pytest_humaneval.core.arriving import Arriving, complete_arriving
from pytest_humaneval.core.pipeline import known_of
from pytest_humaneval.core.ports import Provider, Store
from pytest_humaneval.core.records import Completion, Draw, DrawResult, NoCompletion, SettledDraw

_UNTRIED = 500
"""First completions whose programs wait to be tried: there are never more in memory."""


@dataclass(frozen=True)
class Rounds:
    """What an experiment's repair rounds are.

    Attributes:
        most: how many there are at most after the first answer.
        follow_up: returns what is asked after an answer to a draw; None where nothing is wrong with it.
    """

    most: int
    follow_up: Callable[[Draw, Completion], Awaitable[Draw | None]]


class Conversations:
    """The conversations of an experiment; use :meth:`complete` once.

    Args:
        provider: gives the completions of all rounds.
        store: keeps each of them, as a completion like any other; None for none.
        rounds: when to go on, and how often.
        count_asking: hears +1 when a later round is asked, and -1 when it is there.
    """

    def __init__(
        self, provider: Provider, store: Store | None, rounds: Rounds, count_asking: Callable[[int], None]
    ) -> None:
        self._provider, self._store, self._rounds = provider, store, rounds
        self._count_asking = count_asking
        self._arriving = Arriving()
        self._asked: dict[Draw, asyncio.Future[DrawResult]] = {}
        self._settled: asyncio.Queue[SettledDraw | None] = asyncio.Queue()
        self._tasks: set[asyncio.Task[None]] = set()
        self._untried = asyncio.Semaphore(_UNTRIED)
        self._broken: Exception | None = None
        self._missed, self._reason = 0, ""

    def warning(self) -> str | None:
        """Return a line that says how many later rounds could not be had, and why; None if all could."""
        if not self._missed:
            return None
        rounds = "1 repair round" if self._missed == 1 else f"{self._missed} repair rounds"
        return f"{rounds} could not be had, and the answers before them stand ({self._reason})"

    async def complete(self, draws: Sequence[Draw]) -> AsyncGenerator[SettledDraw, None]:
        """Yield every draw once, when its conversation has ended.

        Raises:
            ProviderError: no more completions can be had; conversations that had begun are yielded before.
        """
        self._open = len(draws)
        work = asyncio.create_task(self._work(draws))
        work.add_done_callback(lambda _: self._settled.put_nowait(None))
        try:
            while (settled := await self._settled.get()) is not None:
                yield settled
            work.result()
        finally:
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)

    async def _work(self, draws: Sequence[Draw]) -> None:
        listening = asyncio.create_task(self._listen())
        try:
            missing: list[Draw] = []
            for draw, known in known_of(draws, self._store):
                if known is None:
                    missing.append(draw)
                else:
                    await self._begin(draw, known)
            self._ask(missing)
            await listening
            await asyncio.gather(*self._tasks)
        finally:
            for task in (listening, *self._tasks):
                task.cancel()
            await asyncio.gather(listening, *self._tasks, return_exceptions=True)
        if self._broken:
            raise self._broken

    async def _listen(self) -> None:
        """Take what the provider gives, until every conversation has ended, or the provider is broken."""
        try:
            async with aclosing(complete_arriving(self._arriving, self._provider)) as stream:
                async for draw, result in stream:
                    if self._store and isinstance(result, Completion):
                        self._store.put(draw, result.without_times)
                    if draw in self._asked:
                        self._asked.pop(draw).set_result(result)
                    else:
                        await self._begin(draw, result)
        # Of any kind: a conversation that waits for an answer would otherwise wait for ever.
        except Exception as error:
            self._broken = error
            for asked in self._asked.values():
                asked.set_result(NoCompletion(str(error)))

    async def _begin(self, draw: Draw, result: DrawResult) -> None:
        if isinstance(result, NoCompletion):
            self._settle(draw, result)
            return
        await self._untried.acquire()
        task = asyncio.create_task(self._converse(draw, result))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _converse(self, draw: Draw, first: Completion) -> None:
        later: list[Completion] = []
        try:
            asked = await self._follow_up(draw, first)
        finally:
            self._untried.release()
        while asked is not None:
            answer = await self._answer(asked)
            if isinstance(answer, NoCompletion):
                self._miss(answer.reason)
                break
            later.append(answer)
            asked = await self._follow_up(asked, answer) if len(later) < self._rounds.most else None
        self._settle(draw, replace(first, rounds=tuple(later)))

    async def _follow_up(self, draw: Draw, answer: Completion) -> Draw | None:
        try:
            return await self._rounds.follow_up(draw, answer)
        # Of any kind: what is there already is an answer all the same.
        except Exception as error:
            self._miss(str(error) or type(error).__name__)
            return None

    async def _answer(self, draw: Draw) -> DrawResult:
        """Return what became of a later round, from the store or from the provider."""
        ((_, known),) = known_of([draw], self._store)
        if known is not None:
            return known
        if self._broken:
            return NoCompletion(str(self._broken))
        answer: asyncio.Future[DrawResult] = asyncio.get_running_loop().create_future()
        self._asked[draw] = answer
        self._ask([draw])
        self._count_asking(1)
        try:
            return await answer
        finally:
            self._count_asking(-1)

    def _ask(self, draws: Sequence[Draw]) -> None:
        self._arriving.add(draws)
        if not self._open:
            self._arriving.close()

    def _settle(self, draw: Draw, result: DrawResult) -> None:
        self._settled.put_nowait((draw, result))
        self._open -= 1
        if not self._open:
            self._arriving.close()

    def _miss(self, reason: str) -> None:
        self._missed += 1
        self._reason = self._reason or reason
