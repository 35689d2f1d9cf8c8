"""Findings of the doctor, and how a failed request becomes one."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from pytest_humaneval.core.config.model_server import Server
from pytest_humaneval.core.errors import ProviderError
from pytest_humaneval.server.client import RefusalError

# Only these statuses are about what is in a request; all others are about the key, the model or the server.
_ABOUT_THE_REQUEST = frozenset({400, 422})


@dataclass(frozen=True)
class Finding:
    """The result of one check.

    Attributes:
        level: "ok", "warn" for what a reader should know, "FAIL" if a run would go wrong, "skip" if nothing
            was found out.
        check: what was checked.
        message: what was found.
        remedy: what to do about it; empty if nothing.
    """

    level: Literal["ok", "warn", "FAIL", "skip"]
    check: str
    message: str
    remedy: str = ""


def is_evidence(refusal: RefusalError) -> bool:
    """Return whether a refusal says something about the parameters of the refused request."""
    return refusal.status in _ABOUT_THE_REQUEST


def run_check(check: str, find: Callable[[], Finding]) -> Finding:
    """Return what a check finds; "skip" if its requests fail for a reason that is not the check's."""
    try:
        return find()
    except (ProviderError, RefusalError) as error:
        return Finding("skip", check, f"not checked, since a request failed ({error})")


def failed_request(check: str, error: ProviderError | RefusalError, server: Server) -> Finding:
    """Return a finding about a plain request, one that every run sends, which has failed."""
    status = error.status if isinstance(error, RefusalError) else None
    remedies = {
        None: "look into the server's own log",
        401: key_remedy(server),
        403: key_remedy(server),
        404: f"check model and base_url of [servers.{server.name}]",
    }
    remedy = remedies.get(status, "the server's message above says why; its own log may say more")
    return Finding("FAIL", check, f"refused or not usable ({error})", remedy)


def key_remedy(server: Server) -> str:
    """Return what to do if the server wants another API key, or any."""
    if os.environ.get(server.api_key_env):
        return f"the key was read from the environment variable {server.api_key_env}: put a valid one there"
    return f"put the API key into the environment variable {server.api_key_env}, which is not set"
