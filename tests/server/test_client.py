"""The client that asks a server single questions, against real servers on loopback."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from pytest_humaneval.core.config.model_server import Server
from pytest_humaneval.core.errors import ProviderError
from pytest_humaneval.server.client import RefusalError, ServerClient
from pytest_humaneval.server.health import local_client
from tests.support.stub_behaviour import Behaviour
from tests.support.stub_server import StubServer

StartStub = Callable[[Behaviour], StubServer]

# RFC 6761 reserves the top-level domain "invalid": no name in it is ever found.
NOWHERE = "http://nowhere.invalid/v1"
BODY = {"model": "stub", "prompt": "ask", "max_tokens": 1}


@contextmanager
def answering(content: bytes) -> Iterator[str]:
    """Answer one connection with these bytes, whatever is sent; yield the URL."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(content)

        thread = threading.Thread(target=answer)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
        thread.join()


@pytest.fixture
def proxy(monkeypatch: pytest.MonkeyPatch, stub_server: StartStub) -> StubServer:
    """A server that the environment names as the proxy: it answers whatever host a request is for."""
    stub = stub_server(Behaviour(model="behind the proxy"))
    for name in ("no_proxy", "NO_PROXY", "HTTP_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{stub.port}")
    return stub


@pytest.mark.usefixtures("proxy")
def test_a_proxy_of_the_environment_is_used() -> None:
    """Requests go through it, as urllib's do: it can reach a server that this machine cannot."""
    assert [model["id"] for model in ServerClient(NOWHERE).models()] == ["behind the proxy"]


@pytest.mark.usefixtures("proxy")
def test_a_client_without_proxies_goes_to_the_server_itself(stub_server: StartStub) -> None:
    """A proxy has no business between this machine and itself."""
    local = stub_server(Behaviour(model="local"))

    client = ServerClient(local.base_url, uses_proxies=False)

    assert [model["id"] for model in client.models()] == ["local"]


def test_a_local_client_sends_the_api_key(stub_server: StartStub, monkeypatch: pytest.MonkeyPatch) -> None:
    """The check of a server on this machine requests with the key that runs use."""
    stub = stub_server(Behaviour(api_key="secret"))
    monkeypatch.setenv("STUB_KEY", "secret")

    client = local_client(Server(stub.base_url, "stub", api_key_env="STUB_KEY"), 60.0)

    assert client.is_healthy()
    assert [model["id"] for model in client.models()] == ["stub"]


def test_a_completion_is_the_answer_as_it_came(stub_server: StartStub) -> None:
    """A body without messages goes to the completion API; the whole JSON object comes back."""
    stub = stub_server(Behaviour())

    answer = ServerClient(stub.base_url).complete(BODY)

    assert answer["choices"][0]["text"] == "ask|seed=None|choice=0"
    assert stub.log == [BODY]


def test_a_refusal_has_the_status_and_the_servers_message(stub_server: StartStub) -> None:
    """Only the message of the error body is quoted, not the JSON around it."""
    stub = stub_server(Behaviour(refusal=(404, "no such model")))

    with pytest.raises(RefusalError, match=r"^status 404: no such model$"):
        ServerClient(stub.base_url).complete(BODY)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"SSH-2.0-OpenSSH_9.6\r\n", "SSH-2.0-OpenSSH"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{}", "IncompleteRead"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\noops", "Expecting value"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]", "no JSON object"),
    ],
    ids=["not-http", "cut", "not-json", "not-an-object"],
)
def test_an_answer_that_is_not_the_apis_is_a_provider_error(content: bytes, reason: str) -> None:
    """What listens at the address need not be a model server; the message names address and reason."""
    with answering(content) as base_url, pytest.raises(ProviderError, match=reason) as error:
        ServerClient(base_url, timeout_s=10, uses_proxies=False).models()

    assert str(error.value).startswith(f"{base_url}/models: ")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", True),
        (b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n", False),
        (b"SSH-2.0-OpenSSH_9.6\r\n", False),
    ],
    ids=["ready", "loading", "not-http"],
)
def test_a_server_is_healthy_when_it_says_so(content: bytes, expected: bool) -> None:
    """Status 200 of ``/health`` with an empty body, as vLLM sends it, and nothing else."""
    with answering(content) as base_url:
        assert ServerClient(base_url, timeout_s=10, uses_proxies=False).is_healthy() is expected


def test_a_server_that_cannot_be_reached_is_not_healthy() -> None:
    """A refused connection is an answer to the question, not an error."""
    # The discard port, on which no server listens.
    assert not ServerClient("http://127.0.0.1:9/v1", uses_proxies=False).is_healthy()
