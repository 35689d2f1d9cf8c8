"""What only some requests carry reaches a real HTTP server; what it refuses is refused once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from pytest_humaneval.core.config.extra_headers import SentHeaders
from pytest_humaneval.core.errors import ProviderError
from pytest_humaneval.core.ports import Provider
from pytest_humaneval.core.records import Api, Draw, Message, NoCompletion, Request, Sampling, SettledDraw
from pytest_humaneval.core.request_extras import RequestExtras
from pytest_humaneval.providers.openai_api import refusals
from pytest_humaneval.providers.openai_api.provider import ServerProvider
from pytest_humaneval.providers.openai_api.refusals import FEW
from tests.support.serving import StartServer
from tests.support.stub_behaviour import Behaviour

Collect = Callable[[Provider, Sequence[Draw]], list[SettledDraw]]

SAMPLING = Sampling(temperature=0.8, min_p=0.05, presence_penalty=0.0, frequency_penalty=0.5)
EXTRAS = RequestExtras(
    reasoning_effort="low",
    logit_bias='{"5": -100.0}',
    chat_template_kwargs='{"enable_thinking": false}',
    extra_body='{"priority": 1, "nested": {"a": [1]}}',
    extra_headers='{"X-Title": "${A}"}',
)
SENT: dict[str, Any] = {
    "min_p": 0.05,
    "presence_penalty": 0.0,
    "frequency_penalty": 0.5,
    "logit_bias": {"5": -100.0},
    "reasoning_effort": "low",
    "chat_template_kwargs": {"enable_thinking": False},
    "priority": 1,
    "nested": {"a": [1]},
}


def draws_of(count: int, api: Api = "chat", samples: int = 1, extras: RequestExtras = EXTRAS) -> list[Draw]:
    """Return draws of some problems, which carry all that a request can."""
    requests = [
        Request("m", api, (Message("user", f"ask {i}"),), SAMPLING, extras=extras) for i in range(count)
    ]
    return [Draw(f"Test/{i}", n, request) for i, request in enumerate(requests) for n in range(samples)]


@pytest.fixture
def long_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """The steps of a batch's start are longer here than any answer takes on a busy machine."""
    monkeypatch.setattr(refusals, "STEP_S", 60.0)


def test_all_of_it_is_sent(stub_server: StartServer, collect: Collect) -> None:
    """Also with several samples in one request, and beside all that every request has."""
    stub = stub_server(Behaviour())

    collect(ServerProvider(stub.base_url), draws_of(1, samples=3))

    [body] = stub.log
    assert SENT.items() <= body.items()
    assert (body["n"], body["temperature"], "extra_body" in body, "extra_headers" in body) == (
        3,
        0.8,
        False,
        False,
    )


def test_a_field_of_its_own_is_never_replaced(stub_server: StartServer, collect: Collect) -> None:
    """Whatever an extra body holds, the request stays what its other parts say."""
    stub = stub_server(Behaviour())
    extras = RequestExtras(extra_body='{"model": "other", "n": 7, "min_p": 1}')

    collect(ServerProvider(stub.base_url), draws_of(1, extras=extras))

    assert [(body["model"], body["n"], body["min_p"]) for body in stub.log] == [("m", 1, 0.05)]


class Embedding:
    """An embedder that notes what it is asked to embed."""

    def __init__(self) -> None:
        self.asked: list[Request] = []

    def load(self) -> object:
        """Load nothing."""
        return None

    def base64(self, request: Request) -> str:
        """Note the request."""
        self.asked.append(request)
        return "AAAA"


def test_of_embedded_prompts_the_template_is_rendered_here(
    stub_server: StartServer, collect: Collect
) -> None:
    """Its variables go to whoever renders it, and are not sent; all other extras are."""
    stub, embedder = stub_server(Behaviour(answer=lambda _body: ["text"])), Embedding()
    extras = RequestExtras(chat_template_kwargs='{"enable_thinking": false}', extra_body='{"priority": 1}')

    collect(ServerProvider(stub.base_url, embedder=embedder), draws_of(1, extras=extras))

    [request] = embedder.asked
    assert request.extras.table("chat_template_kwargs") == {"enable_thinking": False}
    [body] = stub.log
    assert ("chat_template_kwargs" in body, body["priority"], body["min_p"]) == (False, 1, 0.05)


@pytest.mark.usefixtures("long_steps")
@pytest.mark.parametrize(
    ("field", "key"),
    [(field, field) for field in SENT if field != "priority"] + [("priority", "extra_body, priority")],
)
def test_a_server_that_refuses_one_is_asked_a_few_times(
    stub_server: StartServer, collect: Collect, field: str, key: str
) -> None:
    """The run ends with the server's own words and the key, and hardly more than a few requests were sent."""
    stub = stub_server(Behaviour(unknown=frozenset({field})))
    shown = "extra_body, nested" if key == "nested" else key

    with pytest.raises(ProviderError) as caught:
        collect(ServerProvider(stub.base_url), draws_of(164, samples=2))

    message = str(caught.value)
    assert f"HTTP 400: Unrecognized request arguments supplied: {field}" in message
    assert message.endswith(f"the experiment's key {shown}")
    assert message.count("Unrecognized") == 1
    assert len(stub.log) <= FEW


@pytest.mark.usefixtures("long_steps")
def test_log_probabilities_that_a_server_refuses(stub_server: StartServer, collect: Collect) -> None:
    """The message names what asked for them."""
    stub = stub_server(Behaviour(unknown=frozenset({"logprobs"})))
    request = Request("m", "chat", (Message("user", "ask"),), Sampling(), logprobs=True)

    with pytest.raises(ProviderError, match='the experiment\'s key select, "likelihood"'):
        collect(ServerProvider(stub.base_url), [Draw("Test/0", 0, request)])


@pytest.mark.usefixtures("long_steps")
def test_a_temperature_that_a_model_refuses(stub_server: StartServer, collect: Collect) -> None:
    """OpenAI's reasoning models have one temperature: that is found out with a few requests, too."""
    words = "Unsupported value: 'temperature' does not support 0.8 with this model."
    stub = stub_server(Behaviour(refusal=(400, words)))

    with pytest.raises(ProviderError, match=r"does not support 0\.8"):
        collect(ServerProvider(stub.base_url), draws_of(164, extras=RequestExtras()))

    assert len(stub.log) <= FEW


def test_headers_are_sent_and_their_secrets_hidden(stub_server: StartServer) -> None:
    """They go with every request, in place of the client's own; a server that quotes them is not quoted."""
    stub = stub_server(Behaviour(refusal=(400, "the token my-secret-7 of you is odd")))
    values = {"Authorization": "Bearer my-secret-7", "X-Title": "evaluation"}
    provider = ServerProvider(stub.base_url, headers=SentHeaders(values, ("my-secret-7",)))

    async def everything() -> list[SettledDraw]:
        return [result async for result in provider.complete(draws_of(1, extras=RequestExtras()))]

    [(_, result)] = asyncio.run(everything())

    assert [(sent["authorization"], sent["x-title"]) for sent in stub.headers] == [
        ("Bearer my-secret-7", "evaluation")
    ]
    assert result == NoCompletion("HTTP 400: the token *** of you is odd")
