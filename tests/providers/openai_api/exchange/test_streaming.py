"""Streamed answers against a real HTTP server on loopback: the same completions, or failures."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from pytest_humaneval.core.errors import ProviderError
from pytest_humaneval.core.ports import Provider
from pytest_humaneval.core.records import (
    Api,
    Completion,
    Draw,
    Message,
    NoCompletion,
    Request,
    Sampling,
    SettledDraw,
)
from pytest_humaneval.core.request_extras import RequestExtras
from pytest_humaneval.providers.openai_api import retry
from pytest_humaneval.providers.openai_api.provider import ServerProvider
from tests.support.stub_behaviour import STREAM_FAULTS, Behaviour, Body, request_text
from tests.support.stub_server import StubServer

Collect = Callable[[Provider, Sequence[Draw]], list[SettledDraw]]
Start = Callable[[Behaviour], StubServer]

ODD = [
    "a",
    "\n",
    "\r",
    "\r\n",
    "\x85",
    "\u2028",
    "\x00",
    "é",
    "漢",
    "😀",
    "data: ",
    "[DONE]",
    "\\n",
    '"',
    "\ud83d",
    "\ude00",
]
STOPS = ("STOP", "\nclass")


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """The waits between attempts are the only thing made shorter here."""
    monkeypatch.setattr(retry, "FIRST_WAIT_S", 0.001)


def odd_texts(count: int) -> list[str]:
    """Return texts of odd characters, some of them empty."""
    draw = random.Random(4711)  # noqa: S311 (repeatable)
    return ["".join(draw.choices(ODD, k=draw.randrange(12))) for _ in range(count)]


def draws_of(
    prompts: Sequence[str],
    api: Api = "chat",
    samples: int = 1,
    logprobs: bool = False,
    **sampling: Any,  # noqa: ANN401 - Sampling's own
) -> list[Draw]:
    """Return the draws of one problem for each prompt."""
    return [
        Draw(
            prompt,
            index,
            Request("m", api, (Message("user", prompt),), Sampling(**sampling), logprobs=logprobs),
        )
        for prompt in prompts
        for index in range(samples)
    ]


def by_draw(results: Sequence[SettledDraw]) -> dict[tuple[str, int], Completion]:
    """Return the completion of each draw; there is one of each."""
    found = {}
    for draw, result in results:
        assert isinstance(result, Completion), result
        found[draw.task_id, draw.sample_index] = result
    return found


@pytest.mark.parametrize("api", ["chat", "completion"])
@pytest.mark.parametrize("samples", [1, 3])
def test_a_streamed_answer_is_the_same_completion(
    stub_server: Start, collect: Collect, api: Api, samples: int
) -> None:
    """Odd texts, thoughts, likelihoods, finish reason and tokens, in pieces that end inside characters."""
    texts = odd_texts(150)

    def answer(body: Body) -> list[str | None]:
        place = int(request_text(body))
        return [texts[(place + choice) % len(texts)] for choice in range(body["n"])]

    stub = stub_server(
        Behaviour(
            answer,
            logprobs=lambda text: [-0.1 * len(text), -0.25],
            reasoning=("reasoning_content", "ich dächte 😀\u2028"),
            reasoning_tokens=5,
            finish_reason="length",
            stream_bytes=5,
        )
    )
    prompts = [str(place) for place in range(len(texts))]
    draws = draws_of(prompts, api, samples, logprobs=True, temperature=0.8, stop=STOPS)

    whole = by_draw(collect(ServerProvider(stub.base_url), draws))
    streamed = by_draw(collect(ServerProvider(stub.base_url, stream=True), draws))

    assert whole == streamed
    assert len(whole) == len(texts) * samples
    assert {body["stream"] for body in stub.log[len(texts) :]} == {True}
    assert any(completion.completion_tokens for completion in whole.values())


@pytest.mark.parametrize("fault", ["cut", "garbage", "drop", "500", "429", *STREAM_FAULTS])
def test_what_breaks_off_is_asked_again(stub_server: Start, collect: Collect, fault: str) -> None:
    """A stream that breaks is a failure like any other: what had arrived of it is no answer."""
    stub = stub_server(Behaviour(lambda _: ["the whole answer"], faults=[fault, fault]))

    found = by_draw(collect(ServerProvider(stub.base_url, stream=True), draws_of(["ask"])))

    assert [completion.text for completion in found.values()] == ["the whole answer"]
    assert len(stub.log) == 3


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("cut", "payload is not completed"),
        ("error_event", "the engine died"),
        ("no_done", "ended before its [DONE]"),
        ("no_finish_reason", "without a finished choice"),
        ("odd_piece", "without a finished choice"),
        ("garbage", "without a finished choice"),
    ],
)
def test_the_last_failure_says_what_broke(
    stub_server: Start, collect: Collect, fault: str, reason: str
) -> None:
    """Without another attempt, the draw has no completion; the reason is the server's or the transport's."""
    stub = stub_server(Behaviour(lambda _: ["the whole answer"], faults=[fault]))

    [(_, result)] = collect(ServerProvider(stub.base_url, stream=True, max_retries=0), draws_of(["ask"]))

    assert isinstance(result, NoCompletion)
    assert reason in result.reason


def test_a_server_without_stream_options_is_asked_without(stub_server: Start, collect: Collect) -> None:
    """The answer is the same; its tokens are unknown."""
    stub = stub_server(Behaviour(unknown=frozenset({"stream_options"})))

    found = by_draw(
        collect(ServerProvider(stub.base_url, stream=True, concurrency=1), draws_of(["ask", "two"]))
    )

    assert ["stream_options" in body for body in stub.log] == [True, False, False]
    assert {completion.completion_tokens for completion in found.values()} == {0}


def test_a_server_that_refuses_to_stream_ends_the_run(stub_server: Start, collect: Collect) -> None:
    """It does so for every problem: its words and the key are said once."""
    stub = stub_server(Behaviour(refusal=(400, "stream is not supported by this model")))

    with pytest.raises(ProviderError, match=r"stream is not supported .* the experiment's key stream"):
        collect(ServerProvider(stub.base_url, stream=True), draws_of(list("abcdefgh")))

    assert len(stub.log) == 3


def test_a_server_that_does_not_stream_answers_all_the_same(stub_server: Start, collect: Collect) -> None:
    """It ignores the field: the answer comes whole, and nothing is known of its times."""
    stub = stub_server(Behaviour(lambda _: ["whole"], streams=False))

    [completion] = by_draw(collect(ServerProvider(stub.base_url, stream=True), draws_of(["ask"]))).values()

    assert (completion.text, completion.first_token_s, completion.generation_s) == ("whole", None, None)


def test_an_answer_that_has_stopped_closes_its_connection(stub_server: Start, collect: Collect) -> None:
    """A server that ignores stop sequences would write for ever: it notices that nobody reads."""
    stub = stub_server(Behaviour(lambda _: ["keep 😀 STOP drop"], endless=True))

    [completion] = by_draw(
        collect(ServerProvider(stub.base_url, stream=True, timeout_s=20), draws_of(["ask"], stop=STOPS))
    ).values()

    assert (completion.text, completion.finish_reason) == ("keep 😀 ", "stop")
    assert stub.closed.wait(30)


def test_one_choice_that_has_stopped_does_not_end_the_others(stub_server: Start, collect: Collect) -> None:
    """Choices that are asked for together end when the last of them has."""
    stub = stub_server(
        Behaviour(lambda _: ["a STOP b", "a much longer text, in which STOP comes late"], endless=True)
    )

    found = by_draw(
        collect(
            ServerProvider(stub.base_url, stream=True, timeout_s=20),
            draws_of(["ask"], samples=2, temperature=0.5, stop=STOPS),
        )
    )

    assert [found["ask", index].text for index in range(2)] == ["a ", "a much longer text, in which "]


def test_stop_sequences_that_a_server_ignores_hold_without_streaming_too(
    stub_server: Start, collect: Collect
) -> None:
    """An answer is the same however it comes."""
    stub = stub_server(Behaviour(lambda _: ["keep STOP drop"], finish_reason="length"))

    for stream in (False, True):
        [completion] = by_draw(
            collect(ServerProvider(stub.base_url, stream=stream), draws_of(["ask"], stop=STOPS))
        ).values()
        assert (completion.text, completion.finish_reason) == ("keep ", "stop")


def test_a_server_that_was_told_to_show_its_stop_sequence_is_obeyed(
    stub_server: Start, collect: Collect
) -> None:
    """``extra_body`` may ask for the stop sequence in the text."""
    stub = stub_server(Behaviour(lambda _: ["keep STOP"]))
    extras = RequestExtras(extra_body='{"include_stop_str_in_output": true}')
    request = Request("m", "chat", (Message("user", "ask"),), Sampling(stop=STOPS), extras=extras)

    for stream in (False, True):
        [completion] = by_draw(
            collect(ServerProvider(stub.base_url, stream=stream), [Draw("ask", 0, request)])
        ).values()
        assert completion.text == "keep STOP"


def test_a_stream_that_is_read_to_its_end_keeps_its_connection(stub_server: Start, collect: Collect) -> None:
    """As without streaming: a new connection for each request would cost a run time."""
    stub = stub_server(Behaviour())

    collect(ServerProvider(stub.base_url, stream=True, concurrency=1), draws_of(list("abcdef")))

    assert stub.connections == 1


def test_a_stream_has_the_whole_requests_limit(stub_server: Start, collect: Collect) -> None:
    """A server that always sends a little more is ended as one that is silent is."""
    stub = stub_server(Behaviour(lambda _: ["text"], endless=True))

    [(_, result)] = collect(ServerProvider(stub.base_url, stream=True, timeout_s=0.2), draws_of(["ask"]))

    assert isinstance(result, NoCompletion)
    assert "no whole answer within 0.2 s" in result.reason


def test_times_are_from_the_request_on(stub_server: Start, collect: Collect) -> None:
    """The first token comes after the server's latency, and the last one not before it."""
    stub = stub_server(Behaviour(latency_s=0.05))

    [completion] = by_draw(collect(ServerProvider(stub.base_url, stream=True), draws_of(["ask"]))).values()
    [whole] = by_draw(collect(ServerProvider(stub.base_url), draws_of(["ask"]))).values()

    assert completion.first_token_s is not None
    assert completion.generation_s is not None
    assert 0.05 <= completion.first_token_s <= completion.generation_s < 60
    assert (whole.first_token_s, whole.generation_s) == (None, None)
