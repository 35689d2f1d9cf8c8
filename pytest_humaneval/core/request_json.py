"""A request as JSON data: what a store hashes for its key, and a manifest for its requests."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from pytest_humaneval.core.records import Request, Sampling


def to_json(request: Request) -> dict[str, Any]:
    """Return all that determines the completions of a request.

    What an earlier version did not have is left out where it is unused, so that hashes of then stay valid.
    """
    fields = asdict(request) | {"sampling": sampling_to_json(request.sampling)}
    # Its name in the hashes of an earlier version.
    fields["soft_prompt"] = fields.pop("adapter")
    del fields["extras"]
    if given := request.extras.given():
        fields["extras"] = given
    if not request.logprobs:
        del fields["logprobs"]
    if request.suffix is None:
        del fields["suffix"]
    return fields


def sampling_to_json(sampling: Sampling) -> dict[str, Any]:
    """Return the parameters of a sampling, without those that are not sent."""
    fields = asdict(sampling)
    for name in ("min_p", "presence_penalty", "frequency_penalty"):
        if fields[name] is None:
            del fields[name]
    return fields
