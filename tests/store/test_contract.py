"""The contract that every completion store keeps, on disk and in Redis."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from pytest_humaneval.core.ports import Store
from pytest_humaneval.core.records import Completion, Draw, Message, Request, Sampling
from pytest_humaneval.store.disk import DiskStore
from tests.support.redis_serving import RedisServer

Open = Callable[[], Store]

REQUEST = Request("m", "chat", (Message("user", "ask"),), Sampling(temperature=0.8))
DRAW = Draw("Test/0", 0, REQUEST)
ANSWER = Completion("an\nswer \ud83d \x00☃", "length", "raw", 3, 5)


@pytest.fixture(params=["disk", "redis"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Open]:
    """Return a function that opens the same store again; all are closed with the test."""
    stores: list[Store] = []
    server: RedisServer | None = None
    if request.param == "redis":
        server = request.getfixturevalue("redis_server")

    def open_again() -> Store:
        if server is None:
            stores.append(DiskStore(tmp_path))
        else:
            from pytest_humaneval.store.redis import RedisStore

            stores.append(RedisStore(server.url))
        return stores[-1]

    yield open_again
    for store in stores:
        store.close()


def draws_of(indices: range) -> list[Draw]:
    """Return draws of one request."""
    return [Draw("Test/0", index, REQUEST) for index in indices]


def test_a_completion_is_kept_as_it_is(opened: Open) -> None:
    """Text, finish reason, form and token counts come back after opening it again, whatever the text."""
    opened().put(DRAW, ANSWER)

    assert opened().get([DRAW]) == {DRAW: ANSWER}


def test_the_first_completion_of_a_draw_stays(opened: Open) -> None:
    """Two runs at once cannot disagree: both read the completion that was kept first."""
    one, other = opened(), opened()
    one.put(DRAW, ANSWER)

    other.put(DRAW, Completion("another"))

    assert (one.get([DRAW]), other.get([DRAW])) == ({DRAW: ANSWER}, {DRAW: ANSWER})


def test_only_what_is_known_is_returned(opened: Open) -> None:
    """Of thousands of draws at once, those without a completion are left out."""
    store = opened()
    known = draws_of(range(0, 2000, 2))
    for draw in known:
        store.put(draw, ANSWER)

    assert set(store.get(draws_of(range(2000)))) == set(known)
    assert store.get([]) == {}


def test_the_same_request_is_the_same_for_every_problem(opened: Open) -> None:
    """The task id is not part of the key: a renamed problem needs no new completion."""
    store = opened()
    store.put(DRAW, ANSWER)
    renamed = replace(DRAW, task_id="Renamed/0")

    assert store.get([DRAW, renamed]) == {DRAW: ANSWER, renamed: ANSWER}


def test_threads_may_share_a_store(opened: Open) -> None:
    """Any thread may put, not only the one that opened it."""
    store = opened()
    draws = draws_of(range(200))

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda draw: store.put(draw, ANSWER), draws))

    assert len(store.get(draws)) == 200


def test_closing_twice_does_no_harm(opened: Open) -> None:
    """A second close raises nothing."""
    store = opened()

    store.close()
    store.close()
