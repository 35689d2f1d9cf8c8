"""Plain questions to an OpenAI-compatible server: what it serves, and how it answers one request."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import urlsplit

from pytest_humaneval.core.errors import ProviderError

JSON = dict[str, Any]


class RefusalError(Exception):
    """The server has answered with an error; the text is its own."""


class ServerClient:
    """Asks one server, one question at a time, and never twice."""

    def __init__(self, base_url: str, api_key: str | None, timeout_s: float = 60.0) -> None:
        """Ask the server at ``base_url``, which ends in ``/v1``."""
        self._base_url, self._timeout_s = base_url.rstrip("/"), timeout_s
        self._headers = {"Content-Type": "application/json"}
        if api_key:
            self._headers["Authorization"] = f"Bearer {api_key}"

    def models(self) -> list[JSON]:
        """Return what the server says of the models that it serves.

        Raises:
            ProviderError: it cannot be reached, or answers in no form that is known.
            RefusalError: it refuses to say.
        """
        data = self._ask(f"{self._base_url}/models").get("data")
        if not isinstance(data, list):
            raise ProviderError(f"{self._base_url}/models: no list of models")
        return [model for model in data if isinstance(model, dict)]

    def version(self) -> str | None:
        """Return the server's version where it tells it (vLLM and SGLang do); None elsewhere."""
        parts = urlsplit(self._base_url)
        try:
            version = self._ask(f"{parts.scheme}://{parts.netloc}/version").get("version")
        except (ProviderError, RefusalError):
            return None
        return version if isinstance(version, str) else None

    def complete(self, body: JSON) -> JSON:
        """Return the answer to a chat or completion request.

        Raises:
            ProviderError: it cannot be reached, or answers in no form that is known.
            RefusalError: it refuses; the text is its own.
        """
        path = "chat/completions" if "messages" in body else "completions"
        return self._ask(f"{self._base_url}/{path}", body)

    def _ask(self, url: str, body: JSON | None = None) -> JSON:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(url, data, self._headers)  # noqa: S310 (checked to be HTTP)
        try:
            with urllib.request.urlopen(request, timeout=self._timeout_s) as response:  # noqa: S310 (the same)
                answer = json.loads(response.read())
        except urllib.error.HTTPError as error:
            with error:
                raise RefusalError(f"status {error.code}: {_message(error.read())}") from error
        except (OSError, ValueError) as error:
            raise ProviderError(f"{url}: {getattr(error, 'reason', None) or error}") from error
        if not isinstance(answer, dict):
            raise ProviderError(f"{url}: no JSON object")
        return answer


def _message(content: bytes) -> str:
    try:
        said = json.loads(content)["error"]
        return str(said["message"] if isinstance(said, dict) else said)[:300]
    except (ValueError, KeyError, TypeError):
        return content[:300].decode("utf-8", "replace")
