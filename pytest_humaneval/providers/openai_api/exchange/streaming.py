"""An answer that arrives in pieces: read until it is whole, with the times of its tokens.

It is whole at its ``[DONE]``; a stream that ends before that has failed, whatever had arrived. Where every
choice has reached a stop sequence and the server goes on, as one that ignores them does, the connection is
closed, so that the server can stop.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pytest_humaneval.core.records import Api
from pytest_humaneval.providers.openai_api.exchange.answer import Answer
from pytest_humaneval.providers.openai_api.exchange.event_lines import EventLines
from pytest_humaneval.providers.openai_api.exchange.joining import JoinedAnswer
from pytest_humaneval.providers.openai_api.failure import Failure, unusable_answer

if TYPE_CHECKING:
    from openai import AsyncOpenAI, AsyncStream

_DONE = "[DONE]"
_END_S = 1.0
"""How long the end of a stream is waited for after its ``[DONE]``: without it, its connection is closed."""


@dataclass(frozen=True)
class Call:
    """One request of HTTP.

    Attributes:
        n: how many completions it asks for.
        stops: where each of them ends.
    """

    client: AsyncOpenAI
    path: str
    body: dict[str, Any]
    api: Api
    n: int
    stops: Sequence[str]


async def streamed(call: Call) -> Answer | Failure:
    """Send a request; return its answer, with the times, or why there is none.

    Raises:
        APIError: the client could not send it, the server refuses it, or the connection broke.
        ValueError: the server did not stream, and sent no JSON.
    """
    limit_s = getattr(call.client.timeout, "read", None)
    try:
        # The transport's limit is one of silence: a server that sends signs of life would never reach it.
        return await asyncio.wait_for(_answered(call), limit_s)
    except asyncio.TimeoutError:
        return Failure("timeout", f"the streamed answer was not whole within {limit_s:g} s")


async def _answered(call: Call) -> Answer | Failure:
    # Imported late: only a run that asks a server pays for loading the client.
    from openai import AsyncStream

    began_s = time.monotonic()
    stream = await call.client.post(
        call.path, cast_to=object, body=call.body, stream=True, stream_cls=AsyncStream[object]
    )
    try:
        if "json" in stream.response.headers.get("content-type", ""):
            # A server that does not stream, or an error with status 200.
            whole = b"".join([piece async for piece in _pieces(stream)])
            return Answer(json.loads(whole))
        return await _joined(stream, call, began_s)
    finally:
        # Where not all of it was read, this closes the connection.
        await stream.response.aclose()


async def _joined(stream: AsyncStream[object], call: Call, began_s: float) -> Answer | Failure:
    """Read the events of a stream until the answer is whole, or nothing more can change it."""
    answer = JoinedAnswer(call.api, call.n, call.stops)
    pieces, events = _pieces(stream), EventLines()
    async for piece in pieces:
        now_s = time.monotonic() - began_s
        for data in events.fed(piece):
            if data.strip() == _DONE:
                await _read_to_its_end(pieces)
                return answer.so_far()
            if not _takes(answer, data, now_s):
                return unusable_answer(_parsed(data))
        if answer.is_decided:
            return answer.so_far()
    return Failure("transient", f"the stream ended before its {_DONE}")


def _takes(answer: JoinedAnswer, data: str, now_s: float) -> bool:
    """Return whether an event is a piece of the answer, which now has it."""
    try:
        answer.add(json.loads(data), now_s)
    except (ValueError, TypeError, LookupError, AttributeError):
        return False
    return True


def _parsed(data: str) -> object:
    with suppress(ValueError):
        return json.loads(data)
    return data


async def _read_to_its_end(pieces: AsyncIterator[bytes]) -> None:
    """Read on, so that the connection can be used again; the answer is there in any case."""
    from openai import APIError

    async def rest() -> None:
        async for _ in pieces:
            pass

    with suppress(asyncio.TimeoutError, APIError):
        await asyncio.wait_for(rest(), _END_S)


async def _pieces(stream: AsyncStream[object]) -> AsyncIterator[bytes]:
    """Yield what arrives, as bytes.

    Raises:
        APIConnectionError, APITimeoutError: the connection broke, or nothing came for too long.
    """
    from openai import APIConnectionError, APITimeoutError

    response = stream.response
    try:
        # Not the client's own events, which do not tell whether the last one was there.
        async for piece in response.aiter_bytes():
            yield piece
    # Of no class that could be named: through which library the client connects depends on its version.
    except Exception as error:
        if "Timeout" in type(error).__name__:
            raise APITimeoutError(request=response.request) from error
        raise APIConnectionError(request=response.request) from error
