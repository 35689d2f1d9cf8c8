"""A provider whose requests are announced, and counted apart from the store's completions."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import aclosing

from pytest_humaneval.core.ports import Provider, ReportsTraffic, TakesMore
from pytest_humaneval.core.records import Draw, SettledDraw
from pytest_humaneval.evaluation.progress import Progress

OnRequest = Callable[[str, Draw], None]
"""Hears of an experiment's draw that is about to be requested from its provider."""


def ignore_request(_name: str, _draw: Draw) -> None:
    """Hear of a request, and do nothing."""


def counted(
    provider: Provider,
    progress: Progress,
    experiment: str,
    on_request: OnRequest,
    is_first: Callable[[Draw], bool],
) -> Provider:
    """Return another provider's completions, counted.

    Args:
        provider: the other provider.
        progress: where they are counted.
        experiment: the experiment that they are for.
        on_request: hears of each draw before it is requested.
        is_first: whether a draw is one that the run needs, not a later round of one.
    """
    kind = _CountedOpenProvider if isinstance(provider, TakesMore) else _CountedProvider
    return kind(provider, progress, experiment, on_request, is_first)


class _CountedProvider:
    def __init__(
        self,
        provider: Provider,
        progress: Progress,
        experiment: str,
        on_request: OnRequest,
        is_first: Callable[[Draw], bool],
    ) -> None:
        self._provider, self._progress, self._experiment = provider, progress, experiment
        self._on_request, self._is_first = on_request, is_first

    async def complete(self, draws: Sequence[Draw]) -> AsyncGenerator[SettledDraw, None]:
        """Yield what the other provider yields."""
        self._announce(draws)
        async with aclosing(self._provider.complete(draws)) as stream:
            async for settled in stream:
                yield self._counted(settled)

    def _announce(self, draws: Sequence[Draw]) -> None:
        if isinstance(self._provider, ReportsTraffic):
            self._progress.traffic = self._provider.traffic
        for draw in draws:
            self._on_request(self._experiment, draw)

    def _counted(self, settled: SettledDraw) -> SettledDraw:
        draw, result = settled
        self._progress.count_fresh(self._experiment, result, self._is_first(draw))
        return settled


class _CountedOpenProvider(_CountedProvider):
    async def complete_with_more(
        self, draws: Sequence[Draw], more: AsyncIterator[Sequence[Draw]]
    ) -> AsyncGenerator[SettledDraw, None]:
        """Yield what the other provider yields."""
        if not isinstance(self._provider, TakesMore):
            return
        self._announce(draws)
        async with aclosing(self._provider.complete_with_more(draws, self._announced(more))) as stream:
            async for settled in stream:
                yield self._counted(settled)

    async def _announced(self, more: AsyncIterator[Sequence[Draw]]) -> AsyncIterator[Sequence[Draw]]:
        async for draws in more:
            self._announce(draws)
            yield draws
