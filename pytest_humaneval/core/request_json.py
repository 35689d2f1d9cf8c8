"""A request as JSON data: what a store hashes for its key, and a manifest for its requests."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from pytest_humaneval.core.records import Request


def to_json(request: Request) -> dict[str, Any]:
    """Return all that determines the completions of a request.

    What an earlier version did not have is left out where it is unused, so that hashes of then stay valid.
    """
    fields = asdict(request)
    if not request.logprobs:
        del fields["logprobs"]
    return fields
