"""A request's JSON body for a person to read, as a server that takes every parameter gets it."""

from __future__ import annotations

import json

from pytest_humaneval.core.records import Request
from pytest_humaneval.providers.openai_api.dialect import Dialect
from pytest_humaneval.providers.openai_api.embedder import beside_embeddings
from pytest_humaneval.providers.openai_api.grouping import DrawGroup, seed_of


def shown_body(group: DrawGroup, is_embedded: bool, stream: bool) -> str:
    """Return the body of the request for a group of draws.

    ``is_embedded``: the prompt is sent as embeddings behind an adapter's vectors; its text stands for them
    here. ``stream``: the answer is asked for in pieces.
    """
    request = group[0].request
    sent = beside_embeddings(request) if is_embedded else request
    body = Dialect(stream=stream).body(sent, len(group), seed_of(group[0]))
    if is_embedded:
        body |= {"prompt": None, "prompt_embeds": f"<of the adapter and of: {_text(request)}>"}
    return json.dumps(body, indent=2, ensure_ascii=False)


def _text(request: Request) -> str:
    return "\n".join(message.content for message in request.messages)
