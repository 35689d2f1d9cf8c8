"""An answer that arrives in pieces: read until it is whole, with the times of its tokens.

It is whole at its ``[DONE]``; a stream that ends before that has failed, whatever had arrived. Where every
choice has reached a stop sequence and the server goes on, as one that ignores them does, the connection is
closed, so that the server can stop.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import TYPE_CHECKING

from pytest_humaneval.providers.openai_api.exchange.answer import Answer
from pytest_humaneval.providers.openai_api.exchange.event_lines import EventLines
from pytest_humaneval.providers.openai_api.exchange.joining import JoinedAnswer
from pytest_humaneval.providers.openai_api.failure import Failure, unusable_answer

if TYPE_CHECKING:
    from aiohttp import ClientResponse

_DONE = "[DONE]"
_END_S = 1.0
"""How long the end of a stream is waited for after its ``[DONE]``: without it, its connection is closed."""


async def joined(response: ClientResponse, answer: JoinedAnswer, began_s: float) -> Answer | Failure:
    """Read the events of a stream until the answer is whole, or nothing more can change it.

    Args:
        response: of which nothing was read; if not all of it is, closing it closes the connection.
        answer: takes the events.
        began_s: when the request was sent, by ``time.monotonic``.

    Raises:
        ClientError: the connection broke.
    """
    pieces, events = response.content.iter_any(), EventLines()
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
    from aiohttp import ClientError

    async def rest() -> None:
        async for _ in pieces:
            pass

    with suppress(asyncio.TimeoutError, ClientError):
        await asyncio.wait_for(rest(), _END_S)
