"""Generation in the background: all completions of a run, in a thread of its own."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing, suppress

from pytest_humaneval.core.errors import HumanEvalError
from pytest_humaneval.core.pipeline import complete
from pytest_humaneval.core.ports import Provider, ReportsTraffic, Store
from pytest_humaneval.core.records import Draw, DrawResult, NoCompletion, SettledDraw
from pytest_humaneval.evaluation.plan import Plan, Selection
from pytest_humaneval.evaluation.progress import Progress

WAIT_STEP_S = 0.25


Source = tuple[Provider, Store | None]
"""Where an experiment's completions come from, and where they are kept (None: nowhere)."""

Deliver = Callable[[str, Draw, DrawResult], None]
"""Takes an experiment's name, a draw and what became of it; called in the generation's thread."""


class Generation:
    """The completions of a selection, handed to ``deliver`` one by one as they come.

    Every draw is delivered exactly once: if generation breaks off, the rest with the reason.
    """

    def __init__(
        self,
        plan: Plan,
        selection: Selection,
        sources: Mapping[str, Source],
        deliver: Deliver,
        progress: Progress,
    ) -> None:
        # A dict is an ordered set: what is not delivered yet.
        self._open = {name: dict.fromkeys(plan.draws(name, ids)) for name, ids in selection.items()}
        self._sources, self._deliver_draw = sources, deliver
        self._is_under_way = threading.Event()
        self._failure: Exception | None = None
        self._cancel: Callable[[], object] = lambda: None
        self._thread = threading.Thread(target=self._run, name="humaneval-generation", daemon=True)
        self.progress = progress
        progress.draws = sum(map(len, self._open.values()))

    def start(self, on_wait: Callable[[], None] = lambda: None) -> None:
        """Begin, and return as soon as it is under way: one draw is settled, or there is nothing to do.

        Until then ``on_wait`` is called now and then.

        Raises:
            HumanEvalError: there was none, since the provider as a whole is out of order.
        """
        self._thread.start()
        while not self._is_under_way.wait(WAIT_STEP_S):
            on_wait()
        if self._failure is not None and not self.progress.done:
            raise self._failure

    def close(self) -> None:
        """Cancel what is in flight, and wait until the thread has ended."""
        # The loop may have closed by itself between two lines of this thread.
        with suppress(RuntimeError):
            self._cancel()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        try:
            asyncio.run(self._generate_all())
        except asyncio.CancelledError:
            # The one who closed this waits for nothing any more.
            pass
        # Of any kind: an item that waits for a completion would otherwise wait for ever.
        except Exception as error:
            self._failure = error
            if self.progress.done:
                self._give_up(error)
        finally:
            self._is_under_way.set()

    async def _generate_all(self) -> None:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        if task is not None:
            self._cancel = lambda: loop.call_soon_threadsafe(task.cancel)
        for name, draws in self._open.items():
            self.progress.started_s[name] = time.monotonic()
            provider, store = self._sources[name]
            counted = _CountedProvider(provider, self.progress)
            async with aclosing(complete(list(draws), counted, store)) as stream:
                async for draw, completion in stream:
                    self._deliver(name, draw, completion)
            for draw in list(self._open[name]):
                self._deliver(name, draw, NoCompletion("the provider ended without a completion"))
            self.progress.generated_s[name] = time.monotonic()

    def _deliver(self, name: str, draw: Draw, completion: DrawResult) -> None:
        self._open[name].pop(draw)
        self.progress.done += 1
        self._deliver_draw(name, draw, completion)
        self._is_under_way.set()

    def _give_up(self, error: Exception) -> None:
        reason = str(error) if isinstance(error, HumanEvalError) else f"{type(error).__name__}: {error}"
        for name, draws in self._open.items():
            for draw in list(draws):
                self._deliver(name, draw, NoCompletion(reason))


class _CountedProvider:
    """Another provider, whose requests and completions the progress counts apart from the store's."""

    def __init__(self, provider: Provider, progress: Progress) -> None:
        self._provider, self._progress = provider, progress

    async def complete(self, draws: Sequence[Draw]) -> AsyncGenerator[SettledDraw, None]:
        """Yield what the other provider yields."""
        if isinstance(self._provider, ReportsTraffic):
            self._progress.traffic = self._provider.traffic
        async with aclosing(self._provider.complete(draws)) as stream:
            async for draw, completion in stream:
                self._progress.count_fresh(completion)
                yield draw, completion
