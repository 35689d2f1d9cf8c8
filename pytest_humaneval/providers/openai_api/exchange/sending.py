"""One request to one server, and what comes of it: an answer, or the failure that it ended in."""

from __future__ import annotations

import asyncio
import json
import time
from typing import TYPE_CHECKING, Any

from pytest_humaneval.core.records import Request
from pytest_humaneval.providers.openai_api.dialect import Dialect
from pytest_humaneval.providers.openai_api.exchange.answer import Answer
from pytest_humaneval.providers.openai_api.exchange.client import Client
from pytest_humaneval.providers.openai_api.exchange.joining import JoinedAnswer
from pytest_humaneval.providers.openai_api.exchange.streaming import joined
from pytest_humaneval.providers.openai_api.failure import (
    Failure,
    client_failure,
    server_failure,
    unusable_answer,
)

if TYPE_CHECKING:
    from aiohttp import ClientResponse

PATHS = {"chat": "/chat/completions", "completion": "/completions"}


async def exchange(
    client: Client, request: Request, body: dict[str, Any], n: int, dialect: Dialect
) -> Answer | Failure:
    """Send one HTTP request; return its answer, or why there is none.

    Args:
        client: of the server.
        request: what is asked.
        body: the same in the server's dialect.
        n: how many completions it asks for.
        dialect: what the server speaks.
    """
    # Imported late: only a run that asks a server pays for loading the client.
    from aiohttp import ClientError

    began_s = time.monotonic()
    try:
        # Not json=: its encoder writes characters that some texts hold only one half of.
        async with client.session.post(
            client.base_url + PATHS[request.api], data=json.dumps(body).encode()
        ) as response:
            if not response.ok:
                return await refusal(response)
            # A server that does not stream, or an error with status 200, comes whole.
            if not dialect.stream or "json" in response.headers.get("content-type", ""):
                return _whole(await response.read())
            answer = JoinedAnswer(request.api, n, dialect.stops_here(request))
            return await joined(response, answer, began_s)
    except asyncio.TimeoutError as error:
        return client_failure(error, f"no whole answer within {client.timeout_s:g} s")
    except ClientError as error:
        return client_failure(error)
    # A piece of a stream that is no UTF-8.
    except ValueError as error:
        return unusable_answer(str(error))


async def refusal(response: ClientResponse) -> Failure:
    """Return an answer with an error's status as a failure."""
    content = (await response.read()).decode(errors="replace")
    return server_failure(response.status, content, response.headers.get("Retry-After"))


def _whole(content: bytes) -> Answer | Failure:
    try:
        return Answer(json.loads(content))
    except ValueError:
        return unusable_answer(content.decode(errors="replace"))
