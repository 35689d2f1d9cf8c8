"""Generation in the background: all completions of a run, in a thread of its own."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing, suppress
from types import MappingProxyType

from pytest_humaneval.core.arriving import ENDED_EARLY
from pytest_humaneval.core.config.experiment import Experiment
from pytest_humaneval.core.errors import HumanEvalError, ProviderError
from pytest_humaneval.core.pipeline import complete
from pytest_humaneval.core.ports import Provider, Store
from pytest_humaneval.core.records import Draw, DrawResult, NoCompletion, SettledDraw
from pytest_humaneval.evaluation.counted_provider import OnRequest, counted, ignore_request
from pytest_humaneval.evaluation.plan import Plan, Selection
from pytest_humaneval.evaluation.progress import Progress
from pytest_humaneval.evaluation.rounds import Conversations, Rounds

WAIT_STEP_S = 0.25


Source = tuple[Provider, Store | None]
"""Where an experiment's completions come from, and where they are kept (None: nowhere)."""


Deliver = Callable[[str, Draw, DrawResult], None]
"""Takes an experiment's name, a draw and what became of it; called in the generation's thread."""


class _BrokenProvider:
    """Stands for a provider that has proved broken in another experiment: nothing more is asked of it."""

    def __init__(self, error: ProviderError) -> None:
        self._error = error

    async def complete(self, draws: Sequence[Draw]) -> AsyncGenerator[SettledDraw, None]:
        """Raise the error that is known already."""
        for draw in draws:
            raise self._error
            yield draw, NoCompletion("")


class Generation:
    """The completions of a selection, handed to ``deliver`` one by one as they come.

    Every draw is delivered exactly once: if generation breaks off, the rest with the reason. If a provider
    gives no more, this ends the experiments of its model alone.
    """

    def __init__(
        self,
        plan: Plan,
        selection: Selection,
        sources: Mapping[str, Source],
        deliver: Deliver,
        progress: Progress,
        on_request: OnRequest = ignore_request,
        rounds: Mapping[str, Rounds] = MappingProxyType({}),
    ) -> None:
        # A dict is an ordered set: what is not delivered yet.
        self._open = {name: dict.fromkeys(plan.draws(name, ids)) for name, ids in selection.items()}
        self._sources, self._deliver_draw, self._rounds = sources, deliver, rounds
        self._on_request = on_request if plan.recorded is None else ignore_request
        self._models = {name: _model(plan.experiments[name].experiment) for name in selection}
        self._broken: dict[str, ProviderError] = {}
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
                is_own = isinstance(error, HumanEvalError)
                reason = str(error) if is_own else f"{type(error).__name__}: {error}"
                for name in self._open:
                    self._give_up(name, reason)
        finally:
            self._is_under_way.set()

    async def _generate_all(self) -> None:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        if task is not None:
            self._cancel = lambda: loop.call_soon_threadsafe(task.cancel)
        for name in self._open:
            self.progress.started_s[name] = time.monotonic()
            await self._generate(name)
            self.progress.generated_s[name] = time.monotonic()
        if self._broken and not self.progress.done:
            raise next(iter(self._broken.values()))

    async def _generate(self, name: str) -> None:
        try:
            async with aclosing(self._completions(name)) as stream:
                async for draw, completion in stream:
                    self._deliver(name, draw, completion)
                    self._give_up_broken()
        except ProviderError as error:
            self._broken[name] = error
            self._give_up_broken()
        else:
            self._give_up(name, ENDED_EARLY)

    async def _completions(self, name: str) -> AsyncGenerator[SettledDraw, None]:
        """Yield what becomes of an experiment's draws, with the later rounds where it has some."""
        draws, (_, store) = list(self._open[name]), self._sources[name]
        provider = self._provider(name)
        if name not in self._rounds:
            async with aclosing(complete(draws, provider, store)) as stream:
                async for settled in stream:
                    yield settled
            return
        conversations = Conversations(provider, store, self._rounds[name], self.progress.count_asking)
        try:
            async with aclosing(conversations.complete(draws)) as stream:
                async for settled in stream:
                    yield settled
        finally:
            if warning := conversations.warning():
                self.progress.warn(f"{name}: {warning}")

    def _provider(self, name: str) -> Provider:
        for broken, error in self._broken.items():
            if self._models[broken] == self._models[name]:
                return _BrokenProvider(error)
        provider, _ = self._sources[name]
        is_first = self._open[name].__contains__
        return counted(provider, self.progress, name, self._on_request, is_first)

    def _deliver(self, name: str, draw: Draw, completion: DrawResult) -> None:
        self._open[name].pop(draw)
        self.progress.count(name, completion)
        self._deliver_draw(name, draw, completion)
        self._is_under_way.set()

    def _give_up_broken(self) -> None:
        """Deliver what broken providers owe, unless nothing was delivered at all: the run may end by that."""
        if self.progress.done:
            for name, error in self._broken.items():
                self._give_up(name, str(error))

    def _give_up(self, name: str, reason: str) -> None:
        for draw in list(self._open[name]):
            self._deliver(name, draw, NoCompletion(reason))


def _model(experiment: Experiment) -> tuple[object, ...]:
    """Return what is the same for two experiments if the provider of one breaks with that of the other."""
    return experiment.provider, experiment.server, experiment.embedded, tuple(experiment.added.items())
