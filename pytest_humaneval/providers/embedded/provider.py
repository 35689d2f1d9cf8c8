"""Completions from a causal language model in this very process, by transformers or by vLLM: no server.

The model is loaded and run in a thread of its own, which hands each completion over to the event loop the
moment it ends. No engine is imported before a completion is asked for.
"""

from __future__ import annotations

import asyncio
import importlib.util
import threading
from collections.abc import AsyncGenerator, Callable, Sequence
from typing import TYPE_CHECKING

from pytest_humaneval.core.config.embedded import Embedded
from pytest_humaneval.core.config.soft_prompt_card import SoftPrompt
from pytest_humaneval.core.errors import ProviderError
from pytest_humaneval.core.records import Completion, Draw, NoCompletion
from pytest_humaneval.providers.embedded.loading_lock import loading_turn

if TYPE_CHECKING:
    from pytest_humaneval.providers.embedded.transformers_engine import CausalLM
    from pytest_humaneval.providers.embedded.vllm_engine import OfflineVLLM

Settled = tuple[Draw, "Completion | NoCompletion"]

_LIBRARIES = {"embedded": ("torch", "transformers"), "vllm": ("vllm",)}


class EmbeddedProvider:
    """A provider that runs one model; it is loaded once, at the first completion asked for."""

    def __init__(self, embedded: Embedded, soft_prompt: SoftPrompt | None = None) -> None:
        """Describe the model, and what is put before all prompts; folders are the working directory's."""
        self.embedded = embedded
        self.soft_prompt = soft_prompt
        self._model: CausalLM | OfflineVLLM | None = None

    async def complete(self, draws: Sequence[Draw]) -> AsyncGenerator[Settled, None]:
        """Yield every draw exactly once, as soon as its completion ends.

        Closing the iterator stops the model at its next token.

        Raises:
            ProviderError: the engine is not installed, or the model cannot be loaded or used.
            ConfigError: the soft prompt belongs to another model.
        """
        if not draws:
            return
        loop, closed = asyncio.get_running_loop(), threading.Event()
        settled: asyncio.Queue[Settled | Exception | None] = asyncio.Queue()

        def hand_over(result: Settled | Exception | None) -> None:
            if not closed.is_set():
                loop.call_soon_threadsafe(settled.put_nowait, result)

        def work() -> None:
            try:
                self._answer(draws, hand_over, closed.is_set)
            except Exception as error:  # told where the results are awaited
                hand_over(error)
            else:
                hand_over(None)

        thread = threading.Thread(target=work, name="humaneval-embedded", daemon=True)
        thread.start()
        try:
            while (result := await settled.get()) is not None:
                if isinstance(result, Exception):
                    raise result
                yield result
        finally:
            closed.set()
            thread.join()

    def _answer(
        self, draws: Sequence[Draw], deliver: Callable[[Settled], None], is_closed: Callable[[], bool]
    ) -> None:
        if self._model is None:
            _check_installed(self.embedded.engine)
            with loading_turn():
                self._model = self._load()
        self._model.answer(draws, deliver, is_closed)

    def _load(self) -> CausalLM | OfflineVLLM:
        if self.embedded.engine == "vllm":
            from pytest_humaneval.providers.embedded.vllm_engine import OfflineVLLM

            return OfflineVLLM(self.embedded)
        from pytest_humaneval.providers.embedded.transformers_engine import CausalLM

        return CausalLM(self.embedded, self.soft_prompt)


def _check_installed(engine: str) -> None:
    for library in _LIBRARIES[engine]:
        if importlib.util.find_spec(library) is None:
            raise ProviderError(
                f'provider = "{engine}" needs {library}, which is not installed; '
                f'run: pip install "pytest-humaneval[{engine}]"'
            )
