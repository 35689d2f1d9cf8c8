"""A provider that requests completions from servers of the OpenAI API.

All requests are in flight at once, up to ``concurrency`` completions, so that the server's continuous
batching is always full; each completion is yielded the moment it arrives. retry.py decides what is tried
again, and a failed request never becomes an answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, aclosing

from pytest_humaneval.core.config.extra_headers import NO_HEADERS, SentHeaders
from pytest_humaneval.core.config.url import is_http_url
from pytest_humaneval.core.cost import Bill, Purse
from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.core.ports import Traffic
from pytest_humaneval.core.records import Draw, SettledDraw
from pytest_humaneval.providers.openai_api.batch import RequestBatch
from pytest_humaneval.providers.openai_api.credentials import Credentials
from pytest_humaneval.providers.openai_api.embedder import Embedder
from pytest_humaneval.providers.openai_api.exchange.client import Client, open_client
from pytest_humaneval.providers.openai_api.lora_name import ServedLora, lora_name
from pytest_humaneval.providers.openai_api.pacing import NO_RATES, Pace, Rates
from pytest_humaneval.providers.openai_api.replicas import Replicas

NO_KEY = "EMPTY"
"""What vLLM's documentation writes where there is no key."""


class ServerProvider:
    """A provider for an OpenAI-compatible endpoint, or for several that serve the same model."""

    _traffic: Callable[[], Traffic] = Traffic
    _bill = Bill(None, Purse())
    _lora: ServedLora | None = None

    def __init__(
        self,
        base_url: str,
        api_key: str | None = None,
        concurrency: int = 256,
        timeout_s: float = 600.0,
        max_retries: int = 10,
        embedder: Embedder | None = None,
        replicas: Sequence[str] = (),
        api_key_env: str = "OPENAI_API_KEY",
        headers: SentHeaders = NO_HEADERS,
        rates: Rates = NO_RATES,
        stream: bool = False,
    ) -> None:
        """Describe the server; nothing is sent before :meth:`complete`.

        Args:
            base_url: up to and with the ``/v1``, such as ``http://localhost:8000/v1``.
            api_key: sent as a bearer token; vLLM needs none.
            concurrency: most completions in flight at each endpoint.
            timeout_s: limit for one request, in seconds.
            max_retries: further attempts at a request that failed for a transient reason.
            embedder: makes embeddings of every prompt, to be sent in place of its text as ``prompt_embeds``.
            replicas: URLs of further endpoints that serve the same model.
            api_key_env: the environment variable that ``api_key`` was read from, for messages.
            headers: sent with every request.
            rates: the most that is requested in a minute.
            stream: whether answers are asked for in pieces, so that the times of their tokens are known.

        Raises:
            ConfigError: a URL is no http or https URL.
        """
        self.base_urls = [_checked(url) for url in (base_url, *replicas)]
        self.concurrency, self.timeout_s, self.max_retries = concurrency, timeout_s, max_retries
        self._embedder, self._rates, self._stream = embedder, rates, stream
        self._api_key, self._credentials = api_key, Credentials(_key_note(api_key, api_key_env), headers)

    def traffic(self) -> Traffic:
        """Return what the requests of the latest :meth:`complete` are doing at this moment."""
        return self._traffic()

    def charge_to(self, bill: Bill) -> None:
        """Add what answers cost to a bill from now on, and send nothing that the bill refuses."""
        self._bill = bill

    def ask_for(self, lora: ServedLora) -> None:
        """Ask for a LoRA in place of the model from now on, by the name that the server has for it."""
        self._lora = lora

    def complete(self, draws: Sequence[Draw]) -> AsyncGenerator[SettledDraw, None]:
        """Yield every draw exactly once, as soon as its completion arrives or finally fails.

        See :meth:`complete_with_more` for the rest.
        """
        return self.complete_with_more(draws)

    async def complete_with_more(
        self, draws: Sequence[Draw], more: AsyncIterator[Sequence[Draw]] | None = None
    ) -> AsyncGenerator[SettledDraw, None]:
        """Yield every draw exactly once, and those that ``more`` gives meanwhile; one limit holds for all.

        Closing the iterator cancels the requests in flight and closes every connection.

        Raises:
            ProviderError: the server cannot be reached, refuses every request, or has no such LoRA; or the
                embedder's model cannot be loaded.
            ConfigError: the embedder's adapter belongs to another model.
        """
        if not draws and more is None:
            return
        # Before anything is sent: else hundreds of requests would each fail for the same reason.
        if self._embedder is not None:
            await asyncio.to_thread(self._embedder.load)
        async with AsyncExitStack() as stack:
            clients = [await self._client(url, stack) for url in self.base_urls]
            batch = RequestBatch(
                Replicas(clients),
                draws,
                Pace(self.concurrency * len(clients), self._rates),
                self.max_retries,
                self._credentials,
                self._bill,
                self._embedder,
                more,
                self._stream,
                await lora_name(clients, self._lora) if self._lora else None,
            )
            self._traffic = batch.traffic
            # An async for that is left early does not close its generator (PEP 525): requests would run on.
            async with aclosing(batch.results()) as results:
                async for result in results:
                    yield result

    async def _client(self, base_url: str, stack: AsyncExitStack) -> Client:
        key, headers = self._api_key or NO_KEY, self._credentials.headers
        client = open_client(base_url, key, headers, self.concurrency, self.timeout_s)
        await stack.enter_async_context(client.session)
        return client


def _key_note(api_key: str | None, variable: str) -> str:
    if api_key:
        return f"the key was read from the variable {variable}"
    return f"the variable {variable}, from which the key is read, is not set"


def _checked(base_url: str) -> str:
    if not is_http_url(base_url):
        raise ConfigError(
            f"base_url {base_url!r} is no URL of a server; write it like 'http://localhost:8000/v1'"
        )
    return base_url
