"""Reasoning is kept apart from the answer, under each name that servers have for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from pytest_humaneval.core.ports import Provider
from pytest_humaneval.core.records import Completion, Draw, Message, Request, Sampling, SettledDraw
from pytest_humaneval.providers.openai_api.provider import ServerProvider
from pytest_humaneval.providers.openai_api.reasoning import reasoning_of, reasoning_tokens
from tests.support.serving import StartServer
from tests.support.stub_behaviour import Behaviour

Collect = Callable[[Provider, Sequence[Draw]], list[SettledDraw]]


def draws_of(samples: int) -> list[Draw]:
    """Return draws of one problem."""
    request = Request("m", "chat", (Message("user", "ask"),), Sampling(temperature=0.8))
    return [Draw("Test/0", index, request) for index in range(samples)]


@pytest.mark.parametrize("field", ["reasoning_content", "reasoning"])
def test_it_is_no_part_of_the_text(stub_server: StartServer, collect: Collect, field: str) -> None:
    """Each choice has its own, and its share of the tokens that the usage counts for all of them."""
    stub = stub_server(Behaviour(reasoning=(field, "let me think"), reasoning_tokens=7))

    results = [result for _, result in collect(ServerProvider(stub.base_url), draws_of(3))]

    completions = [result for result in results if isinstance(result, Completion)]
    assert [each.reasoning for each in completions] == ["let me think"] * 3
    assert all("think" not in each.text for each in completions)
    assert sorted(each.reasoning_tokens or 0 for each in completions) == [2, 2, 3]


def test_a_limit_under_its_other_name_holds_for_thoughts_and_answer(
    stub_server: StartServer, collect: Collect
) -> None:
    """A model that wants ``max_completion_tokens`` gets the same number under that name."""

    class Reasoning(Behaviour):
        def refuses(self, body: dict[str, Any]) -> tuple[int, str] | None:
            words = "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."
            return (400, words) if "max_tokens" in body else None

    stub = stub_server(Reasoning(reasoning_tokens=3))

    [(_, result)] = collect(ServerProvider(stub.base_url), draws_of(1))

    assert isinstance(result, Completion)
    assert (result.reasoning, result.reasoning_tokens) == (None, 3)
    assert [body.get("max_completion_tokens") for body in stub.log] == [None, 1024]


@pytest.mark.parametrize(
    ("message", "found"),
    [
        ({"reasoning_content": "a", "reasoning": None}, "a"),
        ({"reasoning_content": None, "reasoning": "b"}, "b"),
        ({"reasoning_content": "same", "reasoning": "same"}, "same"),
        ({"reasoning": ""}, None),
        ({"reasoning": [{"text": "a"}]}, None),
        ({}, None),
        (None, None),
    ],
)
def test_what_servers_send(message: object, found: str | None) -> None:
    """An empty text is none, and another shape is no error: the answer is there all the same."""
    assert reasoning_of({"message": message}) == found


@pytest.mark.parametrize(
    ("usage", "found"),
    [
        ({"completion_tokens_details": {"reasoning_tokens": 0}}, 0),
        ({"completion_tokens_details": {"reasoning_tokens": None}}, None),
        ({"completion_tokens_details": {"reasoning_tokens": -1}}, None),
        ({"completion_tokens_details": None}, None),
        ({}, None),
    ],
)
def test_tokens_that_servers_count(usage: dict[str, Any], found: int | None) -> None:
    """None is known, which is something else than 0."""
    assert reasoning_tokens(usage) == found
