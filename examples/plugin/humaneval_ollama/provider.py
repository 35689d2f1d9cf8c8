"""Completions of an Ollama server: https://github.com/ollama/ollama/blob/main/docs/api.md."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import Any

import httpx2

from pytest_humaneval.core.config.toml_schema import Rule
from pytest_humaneval.core.config.url import is_http_url
from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.core.problem import Problem
from pytest_humaneval.core.records import Completion, Draw, DrawResult, NoCompletion, SettledDraw
from pytest_humaneval.evaluation.resolved_experiment import ResolvedExperiment

KEYS = {
    "model": Rule((str,), 'the name of a model, such as "qwen2.5-coder:0.5b"', bool),
    "ollama_url": Rule((str,), 'a URL such as "http://localhost:11434"', is_http_url),
}
"""What the table of an experiment with this provider may say, beside the usual keys."""

_AT_ONCE = 4
# A model that is not in memory yet is loaded first.
_TIMEOUT_S = 600


class OllamaProvider:
    """Sends each request to ``/api/chat`` or ``/api/generate``, some at a time."""

    def __init__(self, url: str, model: str) -> None:
        self._url, self._model = url.rstrip("/"), model

    async def complete(self, draws: Sequence[Draw]) -> AsyncGenerator[SettledDraw, None]:
        """Yield every draw once, as soon as it is answered; what is cancelled closes its connections."""
        limits = httpx2.Limits(max_connections=_AT_ONCE)
        # Waiting for one of the connections is no failure.
        timeout = httpx2.Timeout(_TIMEOUT_S, pool=None)
        async with httpx2.AsyncClient(base_url=self._url, limits=limits, timeout=timeout) as client:
            requests = [asyncio.create_task(self._settled(client, draw)) for draw in draws]
            try:
                for settled in asyncio.as_completed(requests):
                    yield await settled
            finally:
                for request in requests:
                    request.cancel()
                await asyncio.gather(*requests, return_exceptions=True)

    async def _settled(self, client: httpx2.AsyncClient, draw: Draw) -> SettledDraw:
        return draw, await self._answer(client, draw)

    async def _answer(self, client: httpx2.AsyncClient, draw: Draw) -> DrawResult:
        path, content = _content(draw)
        body = {"model": self._model, "stream": False, "options": _options(draw), **content}
        try:
            response = await client.post(f"/api/{path}", json=body)
            if response.is_error:
                return NoCompletion(f"{self._url}: {response.status_code} {response.text.strip()}")
            return _completion(response.json())
        # A draw that fails is no wrong answer, and the others go on.
        except (httpx2.HTTPError, ValueError, LookupError, TypeError) as error:
            return NoCompletion(f"{self._url}: {type(error).__name__}: {error}")


def _content(draw: Draw) -> tuple[str, dict[str, Any]]:
    """Return an endpoint, and what is sent there."""
    request = draw.request
    if request.api == "chat":
        return "chat", {
            "messages": [{"role": each.role, "content": each.content} for each in request.messages]
        }
    return "generate", {"prompt": request.text, "raw": True}


def _options(draw: Draw) -> dict[str, Any]:
    """Return Ollama's names for how to draw; its own defaults never apply."""
    sampling = draw.request.sampling
    seed = {} if sampling.seed is None else {"seed": sampling.seed + draw.sample_index}
    return {
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "top_k": max(sampling.top_k, 0),
        "repeat_penalty": sampling.repetition_penalty,
        "num_predict": sampling.max_tokens,
        "stop": list(sampling.stop),
        **seed,
    }


def _completion(answer: dict[str, Any]) -> Completion:
    return Completion(
        answer["message"]["content"] if "message" in answer else answer["response"],
        answer.get("done_reason"),
        prompt_tokens=answer.get("prompt_eval_count", 0),
        completion_tokens=answer.get("eval_count", 0),
    )


def open_ollama(resolved: ResolvedExperiment, _problems: Mapping[str, Problem]) -> OllamaProvider:
    """Open the provider of an experiment.

    Raises:
        ConfigError: the experiment names no model.
    """
    experiment = resolved.experiment
    if "model" not in experiment.added:
        raise ConfigError(
            f'experiment "{experiment.name}": expected the key "model", {KEYS["model"].expected}'
        )
    return OllamaProvider(
        experiment.added.get("ollama_url", "http://localhost:11434"), experiment.added["model"]
    )
