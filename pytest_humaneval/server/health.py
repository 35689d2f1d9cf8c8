"""Health checks: whether a server of this machine answers, and waiting until it does."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

from pytest_humaneval.core.config.model_server import Server
from pytest_humaneval.server.client import ServerClient
from pytest_humaneval.server.service import ReportProgress, ServiceError

_CHECK_EVERY_S = 0.5
_CHECK_TIMEOUT_S = 5.0


def local_client(server: Server, timeout_s: float) -> ServerClient:
    """Return a client of a server that was started from here.

    It sends the API key, as runs do, and goes around proxies: a proxy has no business between this machine
    and itself.
    """
    api_key = os.environ.get(server.api_key_env)
    return ServerClient(server.base_url, api_key, timeout_s, uses_proxies=False)


def is_healthy(server: Server) -> bool:
    """Return whether the server reports that it can answer requests."""
    return local_client(server, _CHECK_TIMEOUT_S).is_healthy()


def wait_until_healthy(
    server: Server, is_running: Callable[[], bool], report: ReportProgress, timeout_s: float
) -> None:
    """Return as soon as the server answers; ``report`` is called with each half second's progress.

    Raises:
        ServiceError: it has ended, or does not answer within ``timeout_s`` seconds.
    """
    began_s = time.monotonic()
    while not is_healthy(server):
        waited_s = time.monotonic() - began_s
        if not is_running():
            raise ServiceError(f'server "{server.name}" ended before it answered')
        if waited_s > timeout_s:
            raise ServiceError(
                f'server "{server.name}" does not answer at {server.base_url} after {timeout_s:.0f} s; '
                "give it longer with --timeout"
            )
        report(f"{server.name}: {server.model} is loading, {waited_s:.0f} s of at most {timeout_s:.0f} s")
        time.sleep(_CHECK_EVERY_S)
