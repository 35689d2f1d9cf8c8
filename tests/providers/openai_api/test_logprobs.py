"""Log probabilities: asked for where they are wanted, and read as servers send them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from pytest_humaneval.core.ports import Provider
from pytest_humaneval.core.records import Api, Completion, Draw, Message, Request, Sampling, SettledDraw
from pytest_humaneval.providers.openai_api.logprobs import mean_logprob
from pytest_humaneval.providers.openai_api.provider import ServerProvider
from tests.support.serving import StartServer
from tests.support.stub_behaviour import Behaviour

Collect = Callable[[Provider, Sequence[Draw]], list[SettledDraw]]


def draws_of(api: Api, *, logprobs: bool = True, samples: int = 3) -> list[Draw]:
    """Return draws of one problem, whose texts end in their index."""
    request = Request("m", api, (Message("user", "ask"),), Sampling(temperature=0.8), logprobs=logprobs)
    return [Draw("Test/0", index, request) for index in range(samples)]


def means(results: Sequence[SettledDraw]) -> list[float | None]:
    """Return the mean log probability of each draw's completion."""
    completions = [result for _, result in results if isinstance(result, Completion)]
    assert len(completions) == len(results)
    return [completion.mean_logprob for completion in completions]


def by_index(text: str) -> list[float]:
    """Return log probabilities whose mean is minus the index at the end of a text."""
    index = int(text[-1])
    return [-index - 0.5, -index + 0.5]


@pytest.mark.parametrize(("api", "asked"), [("chat", True), ("completion", 1)])
def test_each_choice_has_its_own_mean(
    stub_server: StartServer, collect: Collect, api: Api, asked: object
) -> None:
    """One request with n = 3 asks for them as its API does, and each choice has the mean of its own."""
    stub = stub_server(Behaviour(logprobs=by_index))

    found = means(collect(ServerProvider(stub.base_url), draws_of(api)))

    assert [(body["n"], body["logprobs"]) for body in stub.log] == [(3, asked)]
    assert found == [0.0, -1.0, -2.0]


def test_nobody_asks_where_they_are_not_wanted(stub_server: StartServer, collect: Collect) -> None:
    """They cost a server time: only a request that wants them mentions them."""
    stub = stub_server(Behaviour(logprobs=by_index))

    found = means(collect(ServerProvider(stub.base_url), draws_of("chat", logprobs=False)))

    assert found == [None] * 3
    assert "logprobs" not in stub.log[0]


def test_a_server_that_gives_none_loses_no_completion(stub_server: StartServer, collect: Collect) -> None:
    """The texts are there, and that the probabilities are unknown is said by None."""
    stub = stub_server(Behaviour())

    assert means(collect(ServerProvider(stub.base_url), draws_of("chat"))) == [None] * 3


@pytest.mark.parametrize(
    ("reported", "mean"),
    [
        ({"content": [{"logprob": -1}, {"logprob": -2.0}]}, -1.5),
        ({"token_logprobs": [None, -1.0, -3.0]}, -2.0),
        ({"content": None, "token_logprobs": [-1.0]}, -1.0),
        ({"content": []}, None),
        ({"content": [{}]}, None),
        ({"content": "text"}, None),
        ({"token_logprobs": [float("nan")]}, None),
        ({"token_logprobs": [float("-inf"), -1.0]}, None),
        ({"token_logprobs": ["a"]}, None),
        ([], None),
        (None, None),
    ],
)
def test_what_servers_send(reported: Any, mean: float | None) -> None:  # noqa: ANN401
    """The shapes of both APIs are read; anything else is as good as nothing, and no error."""
    found = mean_logprob({"logprobs": reported})

    assert found == mean


def test_requests_that_want_them_differ(collect: Collect, stub_server: StartServer) -> None:
    """A draw that wants them is not answered together with one that does not."""
    stub = stub_server(Behaviour(logprobs=by_index))
    plain, wanting = draws_of("chat", logprobs=False, samples=1), draws_of("chat", samples=1)

    collect(ServerProvider(stub.base_url), [*plain, *(replace(draw, sample_index=1) for draw in wanting)])

    assert sorted("logprobs" in body for body in stub.log) == [False, True]
