"""One batch of requests: the draws that wait, those in flight, and what the batch knows of the server."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pytest_humaneval.core.cost import Bill
from pytest_humaneval.core.errors import ProviderError
from pytest_humaneval.core.ports import Traffic
from pytest_humaneval.core.records import Completion, Draw, NoCompletion, Request, SettledDraw
from pytest_humaneval.providers.openai_api.credentials import Credentials
from pytest_humaneval.providers.openai_api.dialect import Dialect
from pytest_humaneval.providers.openai_api.embedder import Embedder, beside_embeddings
from pytest_humaneval.providers.openai_api.exchange.sending import exchange
from pytest_humaneval.providers.openai_api.extra_fields import refused_key
from pytest_humaneval.providers.openai_api.failure import Failure, no_server
from pytest_humaneval.providers.openai_api.grouping import DrawGroup, grouped, seed_of
from pytest_humaneval.providers.openai_api.pacing import Pace
from pytest_humaneval.providers.openai_api.refusals import Denials
from pytest_humaneval.providers.openai_api.replicas import Replicas
from pytest_humaneval.providers.openai_api.retry import Outage, RetryBudget, RetryWaits

if TYPE_CHECKING:
    from openai import AsyncOpenAI


class RequestBatch:
    """The requests of one batch; use :meth:`results` once."""

    def __init__(
        self,
        replicas: Replicas[AsyncOpenAI],
        draws: Sequence[Draw],
        pace: Pace,
        max_retries: int,
        credentials: Credentials,
        bill: Bill,
        embedder: Embedder | None = None,
        more: AsyncIterator[Sequence[Draw]] | None = None,
        stream: bool = False,
        model: str | None = None,
    ) -> None:
        """Prepare to request ``draws`` from ``replicas``, at most as fast as ``pace`` allows.

        ``credentials`` has what messages say, and must not say, of who asks; each answer is added to
        ``bill``; ``more`` gives later draws; ``stream`` asks for answers in pieces;
        ``model`` is asked for in place of the draws' own.
        """
        self._replicas, self._embedder, self._more = replicas, embedder, more
        self._model = model
        self._pace, self._bill, self._max_retries = pace, bill, max_retries
        self._waiting = deque(grouped(draws, pace.most))
        # Counted in completions, not in HTTP requests: that is what fills a server's batch.
        self._in_flight = 0
        self._tasks: set[asyncio.Task[list[SettledDraw]]] = set()
        # Tasks announce themselves here: asyncio.wait would add and remove a callback on each of hundreds of
        # tasks for every single result.
        self._done: asyncio.Queue[asyncio.Task[list[SettledDraw]]] = asyncio.Queue()
        self._dialect = Dialect(stream=stream)
        self._outage, self._retry_waits = Outage(), RetryWaits()
        self._completed = 0
        self._credentials = credentials
        self._addresses = ", ".join(str(client.base_url).rstrip("/") for client in replicas.clients)
        self._denials = Denials(self._addresses, credentials.key_note)

    def traffic(self) -> Traffic:
        """Return what the requests are doing at this moment."""
        return Traffic(self._replicas.in_flight, self._retry_waits.count, self._retry_waits.reason)

    async def results(self) -> AsyncGenerator[SettledDraw, None]:
        """Yield each draw as soon as it is settled; closing the generator cancels what is in flight.

        Raises:
            ProviderError: the server could not be reached at all, or refuses every request.
        """
        ramp_up = asyncio.create_task(self._denials.ramp_up(self._fill))
        taking = asyncio.create_task(self._take_more())
        taking.add_done_callback(self._done.put_nowait)
        try:
            while self._waiting or self._tasks or not taking.done():
                self._fill()
                if not self._tasks:
                    for result in self._held():
                        yield result
                task = await self._done.get()
                self._tasks.discard(task)
                for result in task.result():
                    yield result
            for result in self._held():
                yield result
        finally:
            ramp_up.cancel()
            for task in (taking, *self._tasks):
                task.cancel()
            # cancel() only asks: without this, the client would be closed under requests that still end.
            await asyncio.gather(ramp_up, taking, *self._tasks, return_exceptions=True)

    async def _take_more(self) -> list[SettledDraw]:
        """Queue draws as they come, before those that wait: an answer to them may bring further ones."""
        if self._more is not None:
            async for draws in self._more:
                self._waiting.extendleft(reversed(grouped(draws, self._pace.most)))
                self._fill()
        return []

    def _held(self) -> list[SettledDraw]:
        """Return what was denied, now that no request is in flight."""
        if self._completed:
            return self._denials.released()
        # Fewer denials than end a batch: they may be all that it has.
        self._denials.conclude()
        return []

    def _fill(self) -> None:
        """Start requests, in order, for as long as the concurrency and past denials allow."""
        while self._waiting and self._denials.allow_another(len(self._tasks)):
            group = self._waiting.popleft()
            if len(group) > 1 and not self._dialect.many_choices:
                self._requeue(group)
            # A group that is larger than the limit still goes, alone: else it would wait for ever.
            elif self._in_flight and self._in_flight + len(group) > self._pace.most:
                self._waiting.appendleft(group)
                return
            else:
                self._in_flight += len(group)
                task = asyncio.create_task(self._settle(group))
                self._tasks.add(task)
                task.add_done_callback(self._done.put_nowait)

    def _requeue(self, draws: DrawGroup) -> None:
        """Put draws back at the front of the queue, one request each."""
        # extendleft reverses what it is given.
        self._waiting.extendleft((draw,) for draw in reversed(draws))

    async def _settle(self, group: DrawGroup) -> list[SettledDraw]:
        """Try until the draws have completions or finally fail; draws without a choice are queued again."""
        outcome = await self._attempt_with_retries(group)
        self._in_flight -= len(group)
        if isinstance(outcome, Failure):
            return self._given_up(group, outcome)
        self._completed += len(outcome)
        released = self._denials.released() if outcome else []
        # Fewer choices than requested: this server ignores n, as Ollama does, or broke some of them off.
        if len(outcome) < len(group):
            self._dialect = replace(self._dialect, many_choices=False)
            self._requeue(group[len(outcome) :])
        return [*released, *zip(group, outcome, strict=False)]

    async def _attempt_with_retries(self, group: DrawGroup) -> list[Completion] | Failure:
        """Make attempts until one succeeds or the retry budget is spent."""
        budget, completed = RetryBudget(self._max_retries, self._outage), self._completed
        while True:
            # Before the wait for its turn, too: nothing has to wait in order not to be sent.
            if refusal := self._bill.refusal():
                return Failure("unpaid", refusal)
            async with self._pace.attempt(len(group), group[0].request) as note:
                if refusal := self._bill.refusal():
                    return Failure("unpaid", refusal)
                dialect = self._dialect
                outcome = self._credentials.hidden(await self._attempt(group, dialect))
                note(outcome)
            if not isinstance(outcome, Failure):
                return outcome
            if self._adapts(group, dialect, outcome):
                if len(group) > 1 and not self._dialect.many_choices:
                    return []
                continue
            wait_s = budget.wait_s(outcome, run_moved_on=self._completed > completed)
            completed = self._completed
            if wait_s is None:
                return replace(outcome, attempts=budget.attempts)
            await self._retry_waits.wait(wait_s, outcome)

    async def _attempt(self, group: DrawGroup, dialect: Dialect) -> list[Completion] | Failure:
        """Send one HTTP request; return at least one completion, or why there is none."""
        request = self._to_send(group[0].request)
        body = await self._body(group, dialect)
        with self._replicas.least_busy() as endpoint:
            outcome = await exchange(endpoint.client, request, body, len(group), dialect)
        if isinstance(outcome, Failure) and outcome.kind == "unreachable":
            self._replicas.mark_unreachable(endpoint)
            return outcome
        # An error is an answer, too: the server is there.
        self._replicas.mark_answered(endpoint)
        self._outage.end()
        if isinstance(outcome, Failure):
            return outcome
        if isinstance(outcome.content, dict):
            self._bill.add(outcome.content)
        return outcome.completions(request, len(group), dialect)

    async def _body(self, group: DrawGroup, dialect: Dialect) -> dict[str, Any]:
        """Return the JSON body of the request for a group."""
        request = group[0].request
        body = dialect.body(self._to_send(request), len(group), seed_of(group[0]))
        if self._embedder is None:
            return body
        # In a thread: embedding takes time, in which the event loop has other requests to serve.
        embeds = await asyncio.to_thread(self._embedder.base64, request)
        return body | {"prompt": None, "prompt_embeds": embeds}

    def _to_send(self, request: Request) -> Request:
        """Return the request in the form that is sent."""
        if self._model is not None:
            return replace(request, model=self._model)
        return request if self._embedder is None else beside_embeddings(request)

    def _adapts(self, group: DrawGroup, dialect: Dialect, failure: Failure) -> bool:
        """Learn from a refusal; return whether the same request may now be sent in another form."""
        if failure.kind != "refused":
            return False
        # If another request has changed the dialect since this one was sent, that is tried first: adapting
        # the older one would undo what the other has learnt.
        if self._dialect == dialect:
            adapted = dialect.adapted(self._to_send(group[0].request), failure.message)
            self._dialect = adapted or dialect
        return self._dialect != dialect

    def _given_up(self, group: DrawGroup, failure: Failure) -> list[SettledDraw]:
        """Return the draws of a request that finally failed, or hold them back if it was denied.

        Raises:
            ProviderError: every other request fails as well: no server has answered since the run began, or
                this was one denial too many.
        """
        if failure.kind == "unreachable" and not self._outage.answered:
            raise ProviderError(no_server(self._addresses, failure))
        key = refused_key(self._to_send(group[0].request), failure.message, self._dialect.stream)
        # A server that refuses a key of the experiment refuses it for every problem.
        is_denied = failure.kind == "denied" or (failure.kind == "refused" and key is not None)
        reason = self._denials.explained(failure, key) if is_denied else failure.reason
        settled: list[SettledDraw] = [(draw, NoCompletion(reason)) for draw in group]
        if not is_denied:
            return settled
        self._denials.add(settled, reason)
        return []
