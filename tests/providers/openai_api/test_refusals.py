"""Refusals that every request of a run meets: found out with few requests, against a real HTTP server."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from pytest_humaneval.core.errors import ProviderError
from pytest_humaneval.core.records import Completion, Draw, Message, NoCompletion, Request, Sampling
from pytest_humaneval.providers.openai_api import refusals
from pytest_humaneval.providers.openai_api.provider import ServerProvider
from pytest_humaneval.providers.openai_api.refusals import FEW
from tests.support.stub_behaviour import Behaviour, Body, request_text
from tests.support.stub_server import StubServer

Start = Callable[[Behaviour], StubServer]


@pytest.fixture(autouse=True)
def long_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """The steps of the start are longer here than any answer takes on a busy machine."""
    monkeypatch.setattr(refusals, "STEP_S", 60.0)


def draws_of(count: int) -> list[Draw]:
    """Return one draw of each of some problems."""
    return [
        Draw(f"Test/{i}", 0, Request("m", "chat", (Message("user", f"ask {i}"),), Sampling()))
        for i in range(count)
    ]


def collected(provider: ServerProvider, count: int) -> list[Completion | NoCompletion]:
    """Return what becomes of each draw, in order."""

    async def everything() -> dict[Draw, Completion | NoCompletion]:
        return {draw: result async for draw, result in provider.complete(draws_of(count))}

    results = asyncio.run(everything())
    return [results[draw] for draw in draws_of(count)]


@dataclass
class Denying(Behaviour):
    """A server that denies some prompts, and after a number of requests all."""

    denied: tuple[str, ...] = ()
    after: int = 1_000

    def refuses(self, body: Body) -> tuple[int, str] | None:
        """Return status and message of a denial."""
        self.after -= 1
        return (403, "not allowed") if request_text(body) in self.denied or self.after < 0 else None


@pytest.mark.parametrize("status", [401, 402, 403, 404])
@pytest.mark.parametrize(("draws", "requests"), [(164, FEW), (1, 1)])
def test_what_every_request_meets_ends_the_batch_after_a_few(
    stub_server: Start, status: int, draws: int, requests: int
) -> None:
    """A wrong key, no credit, an unknown model: no more than three requests are sent, and none is settled."""
    stub = stub_server(Behaviour(refusal=(status, "no such\nthing")))

    with pytest.raises(ProviderError) as error:
        collected(ServerProvider(stub.base_url), draws)

    assert str(error.value).startswith(f"{stub.base_url}: the server refuses")
    assert f"HTTP {status}: no such thing" in str(error.value)
    assert len(stub.log) == requests


@pytest.mark.parametrize(
    ("key", "clause"),
    [
        (None, "the variable MY_KEY, from which the key is read, is not set"),
        ("wrong", "the key was read from the variable MY_KEY"),
    ],
)
def test_a_denied_key_is_traced_to_its_variable(stub_server: Start, key: str | None, clause: str) -> None:
    """The message says where the key comes from, or that there is none."""
    stub = stub_server(Behaviour(api_key="right"))

    with pytest.raises(ProviderError, match=f"HTTP 401: wrong API key; {clause}"):
        collected(ServerProvider(stub.base_url, api_key=key, api_key_env="MY_KEY"), 164)

    assert stub.counters["refused"] == FEW


def test_denied_prompts_among_others_fail_alone(stub_server: Start) -> None:
    """A server that denies two prompts, such as by moderation, still answers all others."""
    stub = stub_server(Denying(denied=("ask 0", "ask 7")))

    results = collected(ServerProvider(stub.base_url), 10)

    failed = {i: result.reason for i, result in enumerate(results) if isinstance(result, NoCompletion)}
    assert failed.keys() == {0, 7}
    assert failed[0].startswith("HTTP 403: not allowed")


def test_a_key_that_expires_ends_the_batch(stub_server: Start) -> None:
    """After completions, too, three denials without a completion in between are enough."""
    stub = stub_server(Denying(after=5))

    with pytest.raises(ProviderError, match="HTTP 403: not allowed"):
        collected(ServerProvider(stub.base_url, concurrency=1), 164)

    assert len(stub.log) == 5 + FEW
