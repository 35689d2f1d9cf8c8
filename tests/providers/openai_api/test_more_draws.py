"""Draws that a server's provider takes while it works on others: one limit, and nothing that hangs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from pytest_humaneval.core.arriving import Arriving
from pytest_humaneval.core.errors import ProviderError
from pytest_humaneval.core.records import Completion, Draw, Message, Request, Sampling
from pytest_humaneval.providers.openai_api.provider import ServerProvider
from tests.support.serving import StartServer
from tests.support.stub_behaviour import Behaviour

PROMPTLY_S = 30.0
"""Far more than anything here takes; only a hang takes longer."""


def draw(name: str) -> Draw:
    """Return a draw that asks for this."""
    return Draw(f"Test/{name}", 0, Request("m", "chat", (Message("user", name),), Sampling()))


def settled(
    provider: ServerProvider, first: list[Draw], on_settled: Callable[[Draw, Arriving], None]
) -> list[Draw]:
    """Return the draws in the order in which they are settled; ``on_settled`` may add more."""
    arriving = Arriving()

    async def collect() -> list[Draw]:
        seen = []
        async for found, result in provider.complete_with_more(first, arriving):
            assert isinstance(result, Completion)
            seen.append(found)
            on_settled(found, arriving)
        return seen

    return asyncio.run(asyncio.wait_for(collect(), PROMPTLY_S))


def test_one_limit_holds_for_all_and_what_comes_later_goes_first(stub_server: StartServer) -> None:
    """Follow-ups of the first answers are sent before first requests that wait, within the concurrency."""
    server = stub_server(Behaviour(latency_s=0.01))
    first, follow_ups = [draw(f"first {i}") for i in range(8)], [draw(f"second {i}") for i in range(8)]
    left = set(range(8))

    def on_settled(found: Draw, arriving: Arriving) -> None:
        if found in first:
            number = first.index(found)
            arriving.add([follow_ups[number]])
            left.discard(number)
            if not left:
                arriving.close()

    seen = settled(ServerProvider(server.base_url, concurrency=2), first, on_settled)

    assert sorted(map(str, seen)) == sorted(map(str, first + follow_ups))
    assert server.most_in_flight <= 2
    assert seen.index(follow_ups[0]) < seen.index(first[-1])


def test_draws_that_come_when_all_others_are_settled_are_asked(stub_server: StartServer) -> None:
    """The provider waits for more, with nothing in flight, until it hears that there is none."""
    server = stub_server(Behaviour())

    def on_settled(found: Draw, arriving: Arriving) -> None:
        if found == draw("last"):
            arriving.close()
        else:
            asyncio.get_running_loop().call_later(0.05, arriving.add, [draw("last")])

    assert settled(ServerProvider(server.base_url), [draw("first")], on_settled) == [
        draw("first"),
        draw("last"),
    ]


def test_few_denied_requests_end_it_though_more_may_come(stub_server: StartServer) -> None:
    """With a wrong key and a single request nobody waits for follow-ups to an answer that never comes."""
    server = stub_server(Behaviour(refusal=(401, "wrong key")))

    with pytest.raises(ProviderError, match="wrong key"):
        settled(ServerProvider(server.base_url), [draw("first")], lambda *_: None)
