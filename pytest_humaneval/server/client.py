"""A client that asks an OpenAI-compatible server single questions: its health, its models, one completion."""

from __future__ import annotations

import json
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import ProxyHandler, Request, build_opener

from pytest_humaneval.core.config.extra_headers import NO_HEADERS, SentHeaders
from pytest_humaneval.core.errors import ProviderError

JSON = dict[str, Any]

_LONGEST_MESSAGE = 300  # characters


class RefusalError(Exception):
    """The server answered with an HTTP error; the text holds the status and the server's own message.

    Attributes:
        status: of HTTP.
    """

    def __init__(self, status: int, message: str) -> None:
        """Describe the answer by its status and the server's message."""
        super().__init__(f"status {status}: {message}")
        self.status = status


class ServerClient:
    """Sends one request at a time to one server, without retries."""

    def __init__(
        self,
        base_url: str,
        api_key: str | None = None,
        timeout_s: float = 60.0,
        *,
        uses_proxies: bool = True,
        headers: SentHeaders = NO_HEADERS,
    ) -> None:
        """Describe the server at ``base_url``, which ends in ``/v1``; nothing is sent.

        Args:
            base_url: up to and with the ``/v1``, such as ``http://localhost:8000/v1``.
            api_key: sent as a bearer token, if there is one.
            timeout_s: limit for each operation on the connection, in seconds.
            headers: sent with every request.
            uses_proxies: whether ``http_proxy`` and the like count, as urllib reads them.
        """
        self._base_url, self._timeout_s = base_url.rstrip("/"), timeout_s
        self._headers = {"Content-Type": "application/json"}
        if api_key:
            self._headers["Authorization"] = f"Bearer {api_key}"
        self._headers |= headers.values
        # Servers quote what they refuse.
        self._hidden = headers.hidden
        # build_opener adds a ProxyHandler that reads the environment, unless it is given one, as here.
        self._opener = build_opener() if uses_proxies else build_opener(ProxyHandler({}))

    def is_healthy(self) -> bool:
        """Return whether ``GET /health`` is answered with status 200; False without any answer.

        https://docs.vllm.ai/en/latest/serving/openai_compatible_server.html: vLLM has it, beside the API.
        """
        request = self._request("/health", is_api=False)
        try:
            # The body is not read: vLLM's is empty, which is no JSON.
            with self._opener.open(request, timeout=self._timeout_s) as response:
                return bool(response.status == 200)
        except HTTPError as error:
            error.close()
            return False
        except (OSError, HTTPException):
            return False

    def models(self) -> list[JSON]:
        """Return the server's descriptions of the models that it serves.

        Raises:
            ProviderError: it cannot be reached, or its answer is not the API's.
            RefusalError: it refuses to list them.
        """
        request = self._request("/models")
        data = self._answer(request).get("data")
        if not isinstance(data, list):
            raise ProviderError(f"{request.full_url}: no list of models")
        return [model for model in data if isinstance(model, dict)]

    def version(self) -> str | None:
        """Return the server's version from ``GET /version`` (vLLM and SGLang have it); None elsewhere."""
        try:
            version = self._answer(self._request("/version", is_api=False)).get("version")
        except (ProviderError, RefusalError):
            return None
        return version if isinstance(version, str) else None

    def complete(self, body: JSON) -> JSON:
        """Return the answer to a chat or completion request, as the API's JSON object.

        Raises:
            ProviderError: the server cannot be reached, or its answer is not a JSON object.
            RefusalError: it refuses; the text holds its own message.
        """
        path = "/chat/completions" if "messages" in body else "/completions"
        return self._answer(self._request(path, body))

    def _request(self, path: str, body: JSON | None = None, *, is_api: bool = True) -> Request:
        """Return a request, POST where there is a body; ``is_api``: its path is below the ``/v1``."""
        parts = urlsplit(self._base_url)
        base = self._base_url if is_api else f"{parts.scheme}://{parts.netloc}"
        data = None if body is None else json.dumps(body).encode()
        return Request(base + path, data, self._headers)  # noqa: S310 (checked to be HTTP)

    def _answer(self, request: Request) -> JSON:
        try:
            with self._opener.open(request, timeout=self._timeout_s) as response:
                answer = json.loads(response.read())
        except HTTPError as error:
            with error:
                raise RefusalError(error.code, self._hidden(_message(error.read()))) from error
        # HTTPException is no OSError: what answers may not speak HTTP at all, or stop in the middle.
        except (OSError, HTTPException, ValueError) as error:
            # urllib wraps the system's error, "<urlopen error ...>"; its reason alone is for a person.
            reason = getattr(error, "reason", None) or str(error) or type(error).__name__
            raise ProviderError(f"{request.full_url}: {reason}") from error
        if not isinstance(answer, dict):
            raise ProviderError(f"{request.full_url}: no JSON object")
        return answer


def _message(content: bytes) -> str:
    """Return the message of an error body: OpenAI's form (``error.message``), or the text as it is."""
    try:
        error = json.loads(content)["error"]
        return str(error["message"] if isinstance(error, dict) else error)[:_LONGEST_MESSAGE]
    except (ValueError, KeyError, TypeError):
        return content[:_LONGEST_MESSAGE].decode("utf-8", "replace").strip()
