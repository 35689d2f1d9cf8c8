"""A provider that runs a causal language model in this process, by transformers or by vLLM: no server.

The model is loaded and run in a thread of its own, which hands each completion over to the event loop the
moment it ends. No engine is imported before a completion is requested.
"""

from __future__ import annotations

import asyncio
import importlib.util
import threading
from collections.abc import AsyncGenerator, Callable, Sequence

from pytest_humaneval.core.config.adapter import Adapter
from pytest_humaneval.core.config.embedded import Embedded
from pytest_humaneval.core.errors import ProviderError
from pytest_humaneval.core.records import Draw, SettledDraw
from pytest_humaneval.providers.embedded.engine import EmitDraw, Engine
from pytest_humaneval.providers.embedded.loading_lock import loading_turn

_LIBRARIES = {"embedded": ("torch", "transformers"), "vllm": ("vllm",)}


class EmbeddedProvider:
    """A provider that runs one model; the model is loaded once, when the first completion is requested."""

    def __init__(self, embedded: Embedded, adapter: Adapter | None = None) -> None:
        """Describe the model, and the adapter on it; nothing is loaded.

        A relative model folder is relative to the working directory.
        """
        self.embedded = embedded
        self.adapter = adapter
        self._engine: Engine | None = None

    async def complete(self, draws: Sequence[Draw]) -> AsyncGenerator[SettledDraw, None]:
        """Yield every draw exactly once, as soon as its completion ends.

        Closing the iterator stops the model at its next token.

        Raises:
            ProviderError: the engine is not installed, or the model cannot be loaded or used.
            ConfigError: the adapter belongs to another model.
        """
        if not draws:
            return
        loop, closed = asyncio.get_running_loop(), threading.Event()
        results: asyncio.Queue[SettledDraw | Exception | None] = asyncio.Queue()

        def hand_over(result: SettledDraw | Exception | None) -> None:
            # Results after closing are dropped: the consumer is gone.
            if not closed.is_set():
                loop.call_soon_threadsafe(results.put_nowait, result)

        # A daemon, so that the interpreter does not wait at its exit for a model that hangs.
        work = (draws, hand_over, closed.is_set)
        thread = threading.Thread(target=self._work, args=work, name="humaneval-embedded", daemon=True)
        thread.start()
        try:
            while (result := await results.get()) is not None:
                if isinstance(result, Exception):
                    raise result
                yield result
        finally:
            closed.set()
            # The model is not for two threads: the next batch may start only when this one has ended.
            thread.join()

    def _work(
        self,
        draws: Sequence[Draw],
        hand_over: Callable[[SettledDraw | Exception | None], None],
        is_closed: Callable[[], bool],
    ) -> None:
        """Hand over every draw, and at the end None, or the exception that has ended the work."""
        try:
            self._answer(draws, hand_over, is_closed)
        # Raised again by complete(), where the caller is.
        except Exception as error:
            hand_over(error)
        else:
            hand_over(None)

    def _answer(self, draws: Sequence[Draw], emit: EmitDraw, is_closed: Callable[[], bool]) -> None:
        if self._engine is None:
            _check_installed(self.embedded.engine)
            with loading_turn():
                self._engine = self._load()
        self._engine.answer(draws, emit, is_closed)

    def _load(self) -> Engine:
        if self.embedded.engine == "vllm":
            from pytest_humaneval.providers.embedded.vllm_engine import OfflineVLLM

            return OfflineVLLM(self.embedded, self.adapter)
        from pytest_humaneval.providers.embedded.transformers_engine import CausalLM

        return CausalLM(self.embedded, self.adapter)


def _check_installed(engine: str) -> None:
    for library in _LIBRARIES[engine]:
        # find_spec, not an import: torch takes seconds, and a missing library is reported at once.
        if importlib.util.find_spec(library) is None:
            raise ProviderError(
                f'provider = "{engine}" needs {library}, which is not installed; '
                f'run: pip install "pytest-humaneval[{engine}]"'
            )
