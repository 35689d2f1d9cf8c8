"""One request to one server, and what comes of it: an answer, or the failure that it ended in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pytest_humaneval.core.records import Request
from pytest_humaneval.providers.openai_api.dialect import Dialect
from pytest_humaneval.providers.openai_api.exchange.answer import Answer
from pytest_humaneval.providers.openai_api.exchange.streaming import Call, streamed
from pytest_humaneval.providers.openai_api.failure import Failure, client_failure, unusable_answer

if TYPE_CHECKING:
    from openai import AsyncOpenAI

PATHS = {"chat": "/chat/completions", "completion": "/completions"}


async def exchange(
    client: AsyncOpenAI, request: Request, body: dict[str, Any], n: int, dialect: Dialect
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
    from openai import APIError

    try:
        if dialect.stream:
            return await streamed(
                Call(client, PATHS[request.api], body, request.api, n, dialect.stops_here(request))
            )
        # post, not chat.completions.create, whose parameters are OpenAI's own (no top_k); with
        # cast_to=object the answer is the JSON as it came, which need not fit the client's models.
        content: object = await client.post(PATHS[request.api], cast_to=object, body=body)
    except APIError as error:
        return client_failure(error)
    # The body is not JSON, though its content type is: the client lets the parser's error through.
    except ValueError as error:
        return unusable_answer(str(error))
    return Answer(content)
