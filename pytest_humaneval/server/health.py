"""Whether a server answers, and waiting until it does."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import ProxyHandler, Request, build_opener

from pytest_humaneval.core.config.model_server import Server
from pytest_humaneval.server.service import Say, ServiceError

_ASK_EVERY_S = 0.5
_PATIENCE_S = 5.0

_direct = build_opener(ProxyHandler({}))  # a proxy has no business between this machine and itself


def is_healthy(server: Server) -> bool:
    """Whether the server says that it can answer.

    https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html: GET /health is 200 once it can.
    """
    parts = urlsplit(server.base_url)
    try:
        with _direct.open(f"{parts.scheme}://{parts.netloc}/health", timeout=_PATIENCE_S) as answer:
            return bool(answer.status == 200)
    except (OSError, HTTPException):
        return False


def wait_until_healthy(server: Server, is_running: Callable[[], bool], say: Say, timeout_s: float) -> None:
    """Return as soon as the server answers; ``say`` is told again and again how long that takes.

    Raises:
        ServiceError: it has ended, or does not answer within ``timeout_s`` seconds.
    """
    began = time.monotonic()
    while not is_healthy(server):
        waited_s = time.monotonic() - began
        if not is_running():
            raise ServiceError(f'server "{server.name}" ended before it answered')
        if waited_s > timeout_s:
            raise ServiceError(
                f'server "{server.name}" does not answer at {server.base_url} after {timeout_s:.0f} s; '
                "give it longer with --timeout"
            )
        say(f"{server.name}: {server.model} is loading, {waited_s:.0f} s of at most {timeout_s:.0f} s")
        time.sleep(_ASK_EVERY_S)


def ask(server: Server, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return the answer to a request below the base URL: a POST where there is a body.

    Raises:
        ServiceError: there is no answer, or a refusal, which is told in the server's own words.
    """
    data = None if body is None else json.dumps(body).encode()
    url = server.base_url.rstrip("/") + path
    request = Request(url, data, {"Content-Type": "application/json"})  # noqa: S310 -- checked to be HTTP
    try:
        with _direct.open(request, timeout=server.timeout_s) as answer:
            content: dict[str, Any] = json.load(answer)
    except HTTPError as error:
        told = error.read(2000).decode(errors="replace").strip()
        raise ServiceError(f"{request.full_url}: status {error.code}: {told}") from error
    except (OSError, HTTPException, ValueError) as error:
        raise ServiceError(f"{request.full_url}: no answer ({error})") from error
    return content
