"""A stub of an Ollama server, which answers with HumanEval's canonical solutions.

Its two endpoints as in https://github.com/ollama/ollama/blob/main/docs/api.md, without streaming.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from pytest_humaneval.core.datasets import read_problems
from tests.support.stub_behaviour import canonical_answers

MODEL = "tiny:1b"
"""The only model that the stub has."""


class OllamaStub:
    """The server: its address, and the paths and bodies of all requests in order of arrival."""

    def __init__(self) -> None:
        self._answer = canonical_answers(read_problems())
        self.requests: list[tuple[str, dict[str, Any]]] = []
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def answered(self, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Return a request's status and answer."""
        self.requests.append((path, body))
        if body["model"] != MODEL:
            return 404, {"error": f"model '{body['model']}' not found"}
        (text,) = self._answer(body)
        content = (
            {"message": {"role": "assistant", "content": text}} if path == "/api/chat" else {"response": text}
        )
        ended = {"done": True, "done_reason": "stop", "prompt_eval_count": 7, "eval_count": 3}
        return 200, {"model": MODEL, **content, **ended}

    def _handler(stub) -> type[BaseHTTPRequestHandler]:  # noqa: N805 (self is the handler's)
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                status, answer = stub.answered(self.path, body)
                content = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                pass

        return Handler


@pytest.fixture
def ollama() -> Iterator[OllamaStub]:
    """Return a stub of Ollama that serves until the test ends."""
    stub = OllamaStub()
    thread = threading.Thread(target=stub.server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield stub
    stub.server.shutdown()
    thread.join()
    stub.server.server_close()
