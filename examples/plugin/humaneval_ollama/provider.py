"""Completions of an Ollama server: https://github.com/ollama/ollama/blob/main/docs/api.md."""

from __future__ import annotations

import asyncio
import json
import urllib.request
from collections.abc import AsyncGenerator, Mapping, Sequence

from pytest_humaneval.core.config.toml_schema import Rule
from pytest_humaneval.core.records import Completion, Draw, DrawResult, NoCompletion, Problem, SettledDraw
from pytest_humaneval.evaluation.resolved_experiment import ResolvedExperiment

KEYS = {
    "model": Rule((str,), 'the name of a model, such as "qwen2.5-coder:0.5b"', bool),
    "ollama_url": Rule((str,), 'a URL such as "http://localhost:11434"', lambda url: url.startswith("http")),
}
"""What the table of an experiment with this provider may say, beside the usual keys."""


class OllamaProvider:
    """Sends each request to ``/api/chat`` or ``/api/generate``, as many at once as the server takes."""

    def __init__(self, url: str, model: str) -> None:
        self._url, self._model = url.rstrip("/"), model

    async def complete(self, draws: Sequence[Draw]) -> AsyncGenerator[SettledDraw, None]:
        """Yield every draw once, as soon as it is answered."""
        requests = [asyncio.create_task(self._settled(draw)) for draw in draws]
        try:
            for settled in asyncio.as_completed(requests):
                yield await settled
        finally:
            for request in requests:
                request.cancel()

    async def _settled(self, draw: Draw) -> SettledDraw:
        return draw, await asyncio.to_thread(self._answer, draw)

    def _answer(self, draw: Draw) -> DrawResult:
        request, sampling = draw.request, draw.request.sampling
        options = {"temperature": sampling.temperature, "num_predict": sampling.max_tokens}
        body = {"model": self._model, "stream": False, "options": {**options, "stop": [*sampling.stop]}}
        if request.api == "chat":
            path, key = "chat", "message"
            body["messages"] = [{"role": each.role, "content": each.content} for each in request.messages]
        else:
            path, key = "generate", "response"
            body |= {"prompt": request.text, "raw": True}
        try:
            answer = self._post(f"{self._url}/api/{path}", body)
        # A draw that fails is no wrong answer, and the others go on.
        except (OSError, ValueError) as error:
            return NoCompletion(f"{self._url}: {error}")
        text = answer[key]["content"] if key == "message" else answer[key]
        return Completion(text, answer.get("done_reason"), completion_tokens=answer.get("eval_count", 0))

    def _post(self, url: str, body: object) -> dict:
        request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)


def open_ollama(resolved: ResolvedExperiment, _problems: Mapping[str, Problem]) -> OllamaProvider:
    """Open the provider of an experiment."""
    added = resolved.experiment.added
    return OllamaProvider(added.get("ollama_url", "http://localhost:11434"), added["model"])
