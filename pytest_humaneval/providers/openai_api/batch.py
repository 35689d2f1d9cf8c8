"""A batch of requests on its way to a server: what waits, what is in flight, what is known of the server."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from pytest_humaneval.core.errors import ProviderError
from pytest_humaneval.core.records import Completion, Draw, Message, NoCompletion, Request
from pytest_humaneval.providers.openai_api.dialect import Dialect
from pytest_humaneval.providers.openai_api.failure import Failure, client_failure, unusable
from pytest_humaneval.providers.openai_api.replicas import Replicas
from pytest_humaneval.providers.openai_api.retry import Outage, Patience

if TYPE_CHECKING:
    from openai import AsyncOpenAI

    from pytest_humaneval.providers.embedded.prompt_embeds import PromptEmbedder

Job: TypeAlias = tuple[Draw, ...]
"""Draws of one request, to be asked for together."""

Result: TypeAlias = tuple[Draw, Completion | NoCompletion]

_PATHS = {"chat": "/chat/completions", "completion": "/completions"}


class RequestBatch:
    """One batch; its state lives as long as :meth:`results` is iterated."""

    def __init__(
        self,
        replicas: Replicas[AsyncOpenAI],
        draws: Sequence[Draw],
        concurrency: int,
        max_retries: int,
        embedder: PromptEmbedder | None = None,
    ) -> None:
        """Ask ``replicas`` for ``draws``, up to ``concurrency`` completions at the same time."""
        self._replicas, self._embedder = replicas, embedder
        self._concurrency = concurrency
        self._max_retries = max_retries
        self._waiting = deque(_jobs(draws, concurrency))
        self._in_flight = 0  # completions asked for
        self._tasks: set[asyncio.Task[list[Result]]] = set()
        self._done: asyncio.Queue[asyncio.Task[list[Result]]] = asyncio.Queue()
        self._dialect = Dialect()
        self._outage = Outage()
        self._completed = 0

    async def results(self) -> AsyncGenerator[Result, None]:
        """Yield each draw as it is settled; closing the generator cancels what is in flight.

        Raises:
            ProviderError: the server could not be reached at all.
        """
        try:
            while self._waiting or self._tasks:
                self._admit()
                task = await self._done.get()
                self._tasks.discard(task)
                for result in task.result():
                    yield result
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def _admit(self) -> None:
        """Start what there is room for."""
        while self._waiting:
            job = self._waiting.popleft()
            if len(job) > 1 and not self._dialect.many_choices:
                self._put_back(job)
            elif self._in_flight and self._in_flight + len(job) > self._concurrency:
                self._waiting.appendleft(job)
                return
            else:
                self._in_flight += len(job)
                task = asyncio.create_task(self._settle(job))
                self._tasks.add(task)
                task.add_done_callback(self._done.put_nowait)

    def _put_back(self, draws: Job) -> None:
        """Let draws wait again, one request each."""
        self._waiting.extendleft((draw,) for draw in reversed(draws))

    async def _settle(self, job: Job) -> list[Result]:
        """Try until the job's draws have completions or finally fail; any that got none wait again."""
        outcome = await self._persist(job)
        self._in_flight -= len(job)
        if isinstance(outcome, NoCompletion):
            return [(draw, outcome) for draw in job]
        self._completed += len(outcome)
        if len(outcome) < len(job):
            self._dialect = replace(self._dialect, many_choices=False)
            self._put_back(job[len(outcome) :])
        return list(zip(job, outcome, strict=False))

    async def _persist(self, job: Job) -> list[Completion] | NoCompletion:
        """Make attempts until one succeeds or no further one is worth it."""
        patience = Patience(self._max_retries, self._outage)
        while True:
            dialect, completed = self._dialect, self._completed
            outcome = await self._attempt(job, dialect)
            if not isinstance(outcome, Failure):
                return outcome
            if self._adapts(job, dialect, outcome):
                if len(job) > 1 and not self._dialect.many_choices:
                    return []
                continue
            wait_s = patience.wait_s(outcome, run_moved_on=self._completed > completed)
            if wait_s is None:
                return self._final(outcome, patience.attempts)
            await asyncio.sleep(wait_s)

    async def _attempt(self, job: Job, dialect: Dialect) -> list[Completion] | Failure:
        """Ask once."""
        from openai import APIError

        request = self._sent(job[0].request)
        body = dialect.body(request, len(job), _seed(job[0]))
        if self._embedder is not None:
            embeds = await asyncio.to_thread(self._embedder.base64, job[0].request)
            body |= {"prompt": None, "prompt_embeds": embeds}
        answer: object
        with self._replicas.chosen() as endpoint:
            try:
                answer = await endpoint.client.post(_PATHS[request.api], cast_to=object, body=body)
            except APIError as error:
                failure = client_failure(error)
                if failure.kind == "unreachable":
                    self._replicas.unreachable(endpoint)
                    return failure
                answer = failure
            except ValueError as error:  # said to be JSON, and is none
                answer = str(error)
        self._replicas.answered(endpoint)
        self._outage.over()
        if isinstance(answer, Failure):
            return answer
        if not isinstance(answer, dict):
            return unusable(answer)
        try:
            return dialect.completions(request, answer, len(job)) or unusable(answer)
        except (TypeError, LookupError, AttributeError):  # an object, but not the API's
            return unusable(answer)

    def _sent(self, request: Request) -> Request:
        """Return a request in the form that is sent: embeddings, of a chat too, are a completion's prompt."""
        if self._embedder is None:
            return request
        return replace(request, api="completion", messages=(Message("user", ""),))

    def _adapts(self, job: Job, dialect: Dialect, failure: Failure) -> bool:
        """Learn from a refusal; whether the same request may now be put in another way."""
        if failure.kind != "refused":
            return False
        if self._dialect == dialect:
            self._dialect = dialect.adapted(self._sent(job[0].request), len(job), failure.words) or dialect
        return self._dialect != dialect

    def _final(self, failure: Failure, attempts: int) -> NoCompletion:
        """Give a request up, or the whole run where the server was never there."""
        if failure.kind == "unreachable" and not self._outage.answered:
            raise ProviderError(
                f"{self._addresses()}: no server answers here ({failure.reason}); "
                "nothing was scored; "
                "start the server with `docker compose up`, or name another with --humaneval-base-url"
            )
        return NoCompletion(
            failure.reason if attempts == 1 else f"{failure.reason} (after {attempts} attempts)"
        )

    def _addresses(self) -> str:
        return ", ".join(str(client.base_url).rstrip("/") for client in self._replicas.clients)


def _jobs(draws: Sequence[Draw], concurrency: int) -> list[Job]:
    """Group the draws that one HTTP request can ask for: sampled, without a seed, of the same request."""
    jobs: list[Job] = []
    sampled: dict[Request, list[Draw]] = {}
    for draw in draws:
        sampling = draw.request.sampling
        if sampling.seed is None and sampling.temperature > 0:
            sampled.setdefault(draw.request, []).append(draw)
        else:
            jobs.append((draw,))
    for alike in sampled.values():
        jobs += [tuple(alike[i : i + concurrency]) for i in range(0, len(alike), concurrency)]
    return jobs


def _seed(draw: Draw) -> int | None:
    seed = draw.request.sampling.seed
    return None if seed is None else seed + draw.sample_index
