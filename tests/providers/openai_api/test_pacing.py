"""The pace of requests: lowered by a 429, raised by success, evenly spaced where a rate is known."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from pytest_humaneval.core.ports import Provider
from pytest_humaneval.core.records import Completion, Draw, Message, Request, Sampling, SettledDraw
from pytest_humaneval.providers.openai_api.failure import Failure
from pytest_humaneval.providers.openai_api.pacing import Pace, Rates
from pytest_humaneval.providers.openai_api.provider import ServerProvider
from tests.support.serving import StartServer
from tests.support.stub_behaviour import Behaviour

Collect = Callable[[Provider, Sequence[Draw]], list[SettledDraw]]

ASKED = Request("m", "chat", (Message("user", "ask"),), Sampling())
BUSY = Failure("busy", "HTTP 429: slow down")


def many(count: int) -> list[Draw]:
    """Return one draw of each of many problems."""
    return [
        Draw(f"Test/{i}", 0, Request("m", "chat", (Message("user", f"ask {i}"),), Sampling()))
        for i in range(count)
    ]


def after(pace: Pace, *rounds: Sequence[object]) -> float:
    """Return the limit after rounds of attempts; those of one round are under way together."""

    async def attempt(outcome: object, begun: list[object], size: int, all_begun: asyncio.Event) -> None:
        async with pace.attempt(1, ASKED) as note:
            begun.append(outcome)
            if len(begun) == size:
                all_begun.set()
            await all_begun.wait()
            note(outcome)

    async def all_rounds() -> None:
        for outcomes in rounds:
            begun, all_begun = list[object](), asyncio.Event()
            await asyncio.gather(*(attempt(each, begun, len(outcomes), all_begun) for each in outcomes))

    asyncio.run(all_rounds())
    return pace.limit


def test_one_overload_halves_it_once() -> None:
    """However many of those under way together were turned away: half of what was asked at that time."""
    assert after(Pace(256), [BUSY] * 16) == 8.0


def test_overload_after_overload_leaves_one() -> None:
    """There is always one request under way, else nothing would ever come."""
    assert after(Pace(4), [BUSY] * 4, [BUSY] * 2, [BUSY], [BUSY]) == 1.0


def test_success_raises_it_again_up_to_the_configured_one() -> None:
    """By about one for each round of answers, and no further than it was at first."""
    pace = Pace(8)

    assert after(pace, [BUSY] * 8) == 4.0
    assert 4.8 < after(pace, [[]] * 4) < 5.0
    assert after(pace, *[[[]] * 4] * 20) == 8.0


def test_other_failures_change_nothing() -> None:
    """A dropped connection is no overload."""
    assert after(Pace(8), [Failure("transient", "dropped")] * 4) == 8.0


def test_no_more_than_the_limit_are_under_way() -> None:
    """Those beyond it wait for their turn, and all get it; one that is larger goes alone."""
    pace, under_way, most = Pace(3), 0, 0

    async def attempt(size: int) -> None:
        nonlocal under_way, most
        async with pace.attempt(size, ASKED):
            under_way += size
            most = max(most, under_way if size <= 3 else 0)
            assert size <= 3 or under_way == size
            await asyncio.sleep(0)
            under_way -= size

    async def everything() -> None:
        await asyncio.gather(*(attempt(size) for size in [1, 2, 1, 5, 1, 3, 1, 1] * 5))

    asyncio.run(asyncio.wait_for(everything(), 30))
    assert most == 3


def test_a_server_that_turns_away_loses_no_request(stub_server: StartServer, collect: Collect) -> None:
    """A hosted API with a limit that nobody told: everything is answered, and less is asked at a time."""
    stub = stub_server(Behaviour(allowed=(10, 0.25), retry_after="0.01"))

    results = collect(ServerProvider(stub.base_url, max_retries=3), many(60))

    assert [type(result) for _, result in results] == [Completion] * 60
    assert (stub.counters["answered"], stub.counters["429"] > 0) == (60, True)


def test_a_known_rate_is_kept(stub_server: StartServer, collect: Collect) -> None:
    """With ``requests_per_minute`` no request is sent too early, so a server of that rate turns none away."""
    stub = stub_server(Behaviour(allowed=(20, 0.5)))

    results = collect(
        ServerProvider(stub.base_url, rates=Rates(requests_per_minute=1200), max_retries=0), many(40)
    )

    assert [type(result) for _, result in results] == [Completion] * 40
    assert stub.counters["429"] == 0
