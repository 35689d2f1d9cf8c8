"""Conversations: when they go on, when they end, and what is left when the provider breaks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterable, Sequence
from dataclasses import replace

import pytest

from pytest_humaneval.core.errors import ProviderError
from pytest_humaneval.core.records import (
    Completion,
    Draw,
    DrawResult,
    Message,
    NoCompletion,
    Request,
    Sampling,
    SettledDraw,
)
from pytest_humaneval.evaluation.rounds import Conversations, Rounds

DRAWS = [
    Draw(f"Test/{index}", 0, Request("m", "chat", (Message("user", "ask"),), Sampling()))
    for index in range(4)
]
PROMPTLY_S = 10.0
"""Far more than anything here takes; only a hang takes longer."""


def round_of(draw: Draw) -> int:
    """Return which round a draw asks for, from 0."""
    return len(draw.request.messages) - 1


class Provider:
    """Answers with the number of the round, until it breaks at a round."""

    def __init__(self, breaks_at: int | None = None, fails_at: int | None = None) -> None:
        self.breaks_at, self.fails_at = breaks_at, fails_at
        self.asked: list[Draw] = []

    async def complete(self, draws: Sequence[Draw]) -> AsyncGenerator[SettledDraw, None]:
        """Yield the draws."""
        self.asked += draws
        for draw in draws:
            if round_of(draw) == self.breaks_at:
                raise ProviderError("the server is gone")
            is_failed = round_of(draw) == self.fails_at
            yield draw, NoCompletion("too long") if is_failed else Completion(f"answer {round_of(draw)}")


class Store:
    """Keeps completions in a dict."""

    def __init__(self) -> None:
        self.known: dict[Draw, Completion] = {}

    def get(self, draws: Iterable[Draw]) -> dict[Draw, Completion]:
        """Return what is known."""
        return {draw: self.known[draw] for draw in draws if draw in self.known}

    def put(self, draw: Draw, completion: Completion) -> None:
        """Keep it."""
        self.known[draw] = completion

    def close(self) -> None:
        """Do nothing."""


def rounds_until_right(most: int, needed: int) -> Rounds:
    """Return rounds in which an answer is right from the round of that number on."""

    async def follow_up(draw: Draw, answer: Completion) -> Draw | None:
        if answer.text == "answer 0" and draw.task_id == "Test/3":
            raise KeyError("a trial that breaks")
        if round_of(draw) >= needed:
            return None
        messages = (*draw.request.messages, Message("user", "again"))
        return replace(draw, request=replace(draw.request, messages=messages))

    return Rounds(most, follow_up)


def held(
    provider: Provider, rounds: Rounds, store: Store | None = None, draws: Sequence[Draw] = tuple(DRAWS[:3])
) -> tuple[dict[Draw, DrawResult], Conversations, Exception | None]:
    """Hold the conversations; return what came of each draw, and what was raised."""
    conversations = Conversations(provider, store, rounds, lambda _: None)
    settled: dict[Draw, DrawResult] = {}

    async def hold() -> None:
        async for each in conversations.complete(draws):
            settled.update([each])

    try:
        asyncio.run(asyncio.wait_for(hold(), PROMPTLY_S))
    except ProviderError as error:
        return settled, conversations, error
    return settled, conversations, None


def rounds_had(settled: dict[Draw, DrawResult]) -> list[int]:
    """Return how many later rounds each completion has."""
    return [len(result.rounds) for result in settled.values() if isinstance(result, Completion)]


@pytest.mark.parametrize(("most", "needed", "had"), [(2, 0, 0), (2, 1, 1), (2, 2, 2), (2, 9, 2), (1, 9, 1)])
def test_a_conversation_ends_when_the_answer_is_right_or_after_the_last_round(
    most: int, needed: int, had: int
) -> None:
    """No more is asked than that; each draw comes out once, its later rounds in order."""
    provider = Provider()

    settled, conversations, _ = held(provider, rounds_until_right(most, needed))

    assert list(map(str, settled)) == list(map(str, DRAWS[:3]))
    assert rounds_had(settled) == [had] * 3
    assert all(
        isinstance(result, Completion)
        and [each.text for each in (result, *result.rounds)] == [f"answer {i}" for i in range(had + 1)]
        for result in settled.values()
    )
    assert len(provider.asked) == 3 * (1 + had)
    assert conversations.warning() is None


def test_what_the_store_has_is_not_asked() -> None:
    """Neither first answers nor later rounds, which are stored like any other."""
    store = Store()
    first, _, _ = held(Provider(), rounds_until_right(2, 2), store)
    provider = Provider()

    second, _, _ = held(provider, rounds_until_right(2, 2), store)

    assert second == first
    assert provider.asked == []
    assert all(not completion.rounds for completion in store.known.values())


def test_a_round_that_fails_leaves_what_was_there() -> None:
    """The first answer has the rounds that it had, and a line says how many are missing."""
    settled, conversations, _ = held(Provider(fails_at=2), rounds_until_right(3, 9))

    assert rounds_had(settled) == [1, 1, 1]
    assert conversations.warning() == (
        "3 repair rounds could not be had, and the answers before them stand (too long)"
    )


def test_a_trial_that_breaks_leaves_the_answer() -> None:
    """An error of the one that tries answers costs that answer its later rounds, and is told."""
    settled, conversations, _ = held(Provider(), rounds_until_right(1, 9), draws=DRAWS)

    assert rounds_had({DRAWS[3]: settled[DRAWS[3]]}) == [0]
    assert rounds_had(settled).count(1) == 3
    assert "1 repair round could not be had" in str(conversations.warning())


def test_a_provider_that_breaks_in_a_later_round_takes_no_first_answer_with_it() -> None:
    """What had begun is settled with what there is, and then the error is raised."""
    settled, conversations, error = held(Provider(breaks_at=1), rounds_until_right(2, 9))

    assert rounds_had(settled) == [0, 0, 0]
    assert str(error) == "the server is gone"
    assert "3 repair rounds" in str(conversations.warning())


def test_with_first_answers_stored_a_broken_provider_costs_rounds_alone() -> None:
    """A second run whose server is down has the first answers of the first."""
    store = Store()
    held(Provider(), rounds_until_right(1, 0), store)

    settled, _, error = held(Provider(breaks_at=1), rounds_until_right(1, 9), store)

    assert rounds_had(settled) == [0, 0, 0]
    assert error is not None


def test_nothing_to_ask_ends_at_once() -> None:
    """No draws, no requests."""
    provider = Provider()

    assert held(provider, rounds_until_right(2, 9), draws=())[0] == {}
    assert provider.asked == []


def test_leaving_early_ends_all_tasks() -> None:
    """Whoever closes the generator has nothing left running."""

    async def leave() -> int:
        stream = Conversations(Provider(), None, rounds_until_right(2, 9), lambda _: None).complete(DRAWS)
        await anext(stream)
        await stream.aclose()
        return len(asyncio.all_tasks()) - 1

    assert asyncio.run(leave()) == 0
