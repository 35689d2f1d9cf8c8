"""The fields of a request's body that only some requests have, and refusals that name one of them."""

from __future__ import annotations

import re
from typing import Any

from pytest_humaneval.core.records import Request

_ALWAYS_SENT = ("temperature", "top_p")
"""Parameters of every request whose values some models refuse: those of OpenAI that reason."""


def extra_fields(request: Request) -> dict[str, Any]:
    """Return the fields that a request has because its experiment gives them."""
    sampling = request.sampling
    penalties = {
        "min_p": sampling.min_p,
        "presence_penalty": sampling.presence_penalty,
        "frequency_penalty": sampling.frequency_penalty,
    }
    given = request.extras.given()
    given.pop("extra_headers", None)
    fields: dict[str, Any] = given.pop("extra_body", {})
    fields |= {name: value for name, value in penalties.items() if value is not None} | given
    if request.logprobs:
        # A number of tokens in the one API, a switch in the other. Not 0: some servers take it for none.
        fields["logprobs"] = True if request.api == "chat" else 1
    return fields


def refused_key(request: Request, refusal: str, stream: bool = False) -> str | None:
    """Return the experiment's key that a server's refusal is about, whatever the prompt; None: another.

    ``stream``: whether the answer was asked for in pieces.
    """
    keys = {name: name for name in _ALWAYS_SENT}
    keys |= {name: name for name in extra_fields(request)}
    keys |= {name: f"extra_body, {name}" for name in request.extras.table("extra_body")}
    keys |= {name: f"extra_headers, {name}" for name in request.extras.table("extra_headers")}
    if request.logprobs:
        keys["logprobs"] = 'select, "likelihood"'
    if request.suffix is not None:
        keys["suffix"] = "strategy, whose prompt has a suffix"
    if stream:
        keys |= {"stream": "stream", "streaming": "stream"}
    return next((key for name, key in keys.items() if _names(refusal, name)), None)


def _names(refusal: str, name: str) -> bool:
    # The names of headers may come back in lower case.
    return re.search(rf"\b{re.escape(name)}\b", refusal, re.IGNORECASE) is not None
