"""The server provider against a real HTTP server on loopback."""

from __future__ import annotations

import asyncio
import socketserver
import time
from collections.abc import Callable, Sequence
from threading import Thread
from typing import Any

import pytest

from pytest_humaneval.core.errors import ConfigError, ProviderError
from pytest_humaneval.core.ports import Provider, ReportsTraffic, Traffic
from pytest_humaneval.core.records import (
    Api,
    Completion,
    Draw,
    DrawResult,
    Message,
    NoCompletion,
    Request,
    Sampling,
    SettledDraw,
)
from pytest_humaneval.providers.openai_api import retry
from pytest_humaneval.providers.openai_api.provider import ServerProvider
from tests.support.stub_behaviour import FAULTS, Behaviour, echo
from tests.support.stub_server import StubServer

Collect = Callable[[Provider, Sequence[Draw]], list[SettledDraw]]
Start = Callable[[Behaviour], StubServer]


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """The waits between attempts are the only thing made shorter here."""
    monkeypatch.setattr(retry, "FIRST_WAIT_S", 0.001)


def request_of(text: str = "ask", api: Api = "chat", **sampling: Any) -> Request:  # noqa: ANN401 - Sampling's own
    """Return a request whose prompt is ``text``."""
    return Request("m", api, (Message("user", text),), Sampling(**sampling))


def draws_of(request: Request, samples: int = 1) -> list[Draw]:
    """Return some draws of one problem."""
    return [Draw("Test/0", i, request) for i in range(samples)]


def many(count: int) -> list[Draw]:
    """Return one draw of each of many problems, each with a text of its own."""
    return [Draw(f"Test/{i}", 0, request_of(f"ask {i}")) for i in range(count)]


def texts(results: Sequence[SettledDraw]) -> list[str]:
    """Return the text of each draw's completion, or why it has none."""
    return [
        result.text if isinstance(result, Completion) else f"FAILED {result.reason}" for _, result in results
    ]


EXPLICIT = {
    "model": "m",
    "temperature": 0.0,
    "top_p": 1.0,
    "top_k": -1,
    "repetition_penalty": 1.0,
    "max_tokens": 1024,
    "n": 1,
    "stream": False,
}


@pytest.mark.parametrize(
    ("api", "prompt_fields"),
    [("chat", {"messages": [{"role": "user", "content": "ask"}]}), ("completion", {"prompt": "ask"})],
)
def test_every_sampling_parameter_is_sent(
    stub_server: Start, collect: Collect, api: Api, prompt_fields: dict[str, Any]
) -> None:
    """A server's own defaults never apply, not even where the requested value is the neutral one."""
    stub = stub_server(Behaviour())

    collect(ServerProvider(stub.base_url), draws_of(request_of(api=api)))

    assert [EXPLICIT | prompt_fields] == stub.log


def test_a_prefilled_answer_is_continued(stub_server: Start, collect: Collect) -> None:
    """A chat whose last message is the assistant's is a prefill: the server must not open a new message."""
    stub = stub_server(Behaviour())
    messages = (Message("user", "ask"), Message("assistant", "```python\n"))

    collect(ServerProvider(stub.base_url), [Draw("Test/0", 0, Request("m", "chat", messages, Sampling()))])

    assert {"continue_final_message": True, "add_generation_prompt": False}.items() <= stub.log[0].items()


def test_samples_of_a_problem_are_asked_for_together(stub_server: Start, collect: Collect) -> None:
    """Without a seed, n samples are one request, and each draw gets a choice of its own."""
    stub = stub_server(Behaviour())

    results = collect(ServerProvider(stub.base_url), draws_of(request_of(temperature=0.8), samples=3))

    assert [body["n"] for body in stub.log] == [3]
    assert [f"ask|seed=None|choice={i}" for i in range(3)] == texts(results)


def test_seeded_samples_have_seeds_of_their_own(stub_server: Start, collect: Collect) -> None:
    """With a seed, each draw is a request whose seed is the sampling's plus the sample's index."""
    stub = stub_server(Behaviour())

    results = collect(ServerProvider(stub.base_url), draws_of(request_of(temperature=0.8, seed=7), samples=3))

    assert {draw: f"ask|seed={7 + draw.sample_index}|choice=0" for draw, _ in results} == dict(
        zip([draw for draw, _ in results], texts(results), strict=True)
    )


@pytest.mark.parametrize(
    "behaviour",
    [Behaviour(max_choices=1), Behaviour(ignores_n=True), Behaviour(unknown=frozenset({"n"}))],
    ids=["refuses", "ignores", "has none"],
)
def test_a_server_without_n_is_asked_for_one_at_a_time(
    stub_server: Start, collect: Collect, behaviour: Behaviour
) -> None:
    """Where n is refused or ignored, every draw still gets a completion; it is found out only once."""
    stub = stub_server(behaviour)
    draws = [*draws_of(request_of("a", temperature=0.8), 3), *draws_of(request_of("b", temperature=0.8), 3)]

    results = collect(ServerProvider(stub.base_url, concurrency=3), draws)

    assert {Completion} == {type(result) for _, result in results}
    assert [body.get("n", 1) for body in stub.log][:6] == [3, 1, 1, 1, 1, 1]


def test_unknown_parameters_are_left_out_for_the_whole_run(stub_server: Start, collect: Collect) -> None:
    """A refusal that names top_k or repetition_penalty costs one more request in all."""
    stub = stub_server(Behaviour(unknown=frozenset({"top_k", "repetition_penalty"})))

    results = collect(ServerProvider(stub.base_url, concurrency=1), many(4))

    assert {Completion} == {type(result) for _, result in results}
    assert stub.counters["refused"] == 1


def test_a_chosen_parameter_is_not_dropped_in_silence(stub_server: Start, collect: Collect) -> None:
    """Where top_k was set on purpose, a server that does not know it has no completion to give."""
    stub = stub_server(Behaviour(unknown=frozenset({"top_k"})))

    results = collect(ServerProvider(stub.base_url), draws_of(request_of(top_k=5)))

    assert texts(results) == ["FAILED HTTP 400: Unrecognized request arguments supplied: top_k"]


def test_stop_sequences_beyond_the_servers_limit_still_stop(stub_server: Start, collect: Collect) -> None:
    """A server that accepts four gets four; the text ends at the earliest of all six."""
    stub = stub_server(Behaviour(answer=lambda _: ["keep F drop A"], max_stops=4, finish_reason="length"))

    [(_, completion)] = collect(ServerProvider(stub.base_url), draws_of(request_of(stop=tuple("ABCDEF"))))

    assert stub.log[-1]["stop"] == ["A", "B", "C", "D"]
    assert (completion.text, completion.finish_reason) == ("keep ", "stop")  # type: ignore[union-attr]


def test_an_empty_message_is_an_answer(stub_server: Start, collect: Collect) -> None:
    """A message without content is an empty completion, not a failure of the server."""
    stub = stub_server(Behaviour(answer=lambda _: [None], finish_reason="length"))

    [(_, completion)] = collect(ServerProvider(stub.base_url), draws_of(request_of()))

    assert Completion("", "length", prompt_tokens=1) == completion


def test_token_counts_add_up_to_the_servers_usage(stub_server: Start, collect: Collect) -> None:
    """The usage of one answer is shared by its choices, to the last token."""
    stub = stub_server(Behaviour(answer=lambda _: ["one two", "three", "four five six seven"]))

    results = collect(ServerProvider(stub.base_url), draws_of(request_of("a b c d", temperature=1.0), 3))

    tokens = [(c.prompt_tokens, c.completion_tokens) for _, c in results if isinstance(c, Completion)]
    assert (sum(read for read, _ in tokens), sum(written for _, written in tokens)) == (4, 7)


@pytest.mark.parametrize("fault", [*FAULTS, "odd_choices"])
def test_a_transient_fault_is_tried_again(stub_server: Start, collect: Collect, fault: str) -> None:
    """After an error, a dropped connection or a broken answer the draw still gets its completion."""
    stub = stub_server(Behaviour(faults=[fault, None]))

    results = collect(ServerProvider(stub.base_url), draws_of(request_of()))

    assert texts(results) == ["ask|seed=None|choice=0"]
    assert {fault: 1, "answered": 1} == stub.counters


def test_a_request_without_answer_is_tried_again(stub_server: Start, collect: Collect) -> None:
    """A request that gets no answer ends at its time limit, and is sent again."""
    stub = stub_server(Behaviour(faults=["hang", None]))

    results = collect(ServerProvider(stub.base_url, timeout_s=1.0), draws_of(request_of()))

    assert texts(results) == ["ask|seed=None|choice=0"]


def test_an_answer_that_the_server_broke_off_is_tried_again(stub_server: Start, collect: Collect) -> None:
    """A choice with finish reason "abort" is only part of an answer, and never scored."""
    stub = stub_server(Behaviour(finish_reason="abort"))

    [(_, result)] = collect(ServerProvider(stub.base_url, max_retries=1), draws_of(request_of()))

    assert isinstance(result, NoCompletion)
    assert len(stub.log) == 2


def test_many_faults_cost_no_draw_its_completion(stub_server: Start, collect: Collect) -> None:
    """Of 164 draws against a server that fails 30 % of its requests, each gets its own answer."""
    stub = stub_server(Behaviour(fault_rate=0.3, seed=1))
    draws = many(164)

    results = collect(ServerProvider(stub.base_url), draws)

    expected = {draw: f"ask {i}|seed=None|choice=0" for i, draw in enumerate(draws)}
    assert expected == dict(zip([draw for draw, _ in results], texts(results), strict=True))


def test_retries_are_bounded(stub_server: Start, collect: Collect) -> None:
    """A request that never succeeds ends as a draw without completion; the reason is the server's message."""
    stub = stub_server(Behaviour(faults=["500"] * 10))

    results = collect(ServerProvider(stub.base_url, max_retries=2), draws_of(request_of()))

    assert texts(results) == ["FAILED HTTP 500: stub fault 500 (after 3 attempts)"]


@pytest.mark.parametrize("status", [400, 422])
def test_a_refusal_is_final(stub_server: Start, collect: Collect, status: int) -> None:
    """It is sent once, and the server's message reaches the user in one line."""
    stub = stub_server(Behaviour(refusal=(status, "no such\nmodel: 'm'")))

    results = collect(ServerProvider(stub.base_url), draws_of(request_of()))

    assert [f"FAILED HTTP {status}: no such model: 'm'"] == texts(results)
    assert len(stub.log) == 1


def test_a_long_refusal_is_bounded(stub_server: Start, collect: Collect) -> None:
    """A server that quotes the whole request back does not flood the report."""
    stub = stub_server(Behaviour(refusal=(400, "too long " * 1000)))

    [(_, result)] = collect(ServerProvider(stub.base_url), draws_of(request_of()))

    assert isinstance(result, NoCompletion)
    assert len(result.reason) == 300


def test_a_server_that_is_down_scores_nothing(monkeypatch: pytest.MonkeyPatch, collect: Collect) -> None:
    """Where no server ever answers, the run ends with one line that says where and what to do."""
    monkeypatch.setattr(retry, "START_LIMIT_S", 0.1)
    # The discard port, on which no server listens.
    provider = ServerProvider("http://127.0.0.1:9/v1")

    with pytest.raises(
        ProviderError, match=r"127\.0\.0\.1:9/v1.*nothing was scored.*--humaneval-serve"
    ) as error:
        collect(provider, many(164))

    assert "\n" not in str(error.value)


class _WithoutTls(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        self.request.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")


def test_what_is_wrong_with_the_encryption_is_said(monkeypatch: pytest.MonkeyPatch, collect: Collect) -> None:
    """A failure of TLS is told in OpenSSL's words, whose numbers are not the operating system's."""
    monkeypatch.setattr(retry, "START_LIMIT_S", 0.1)
    with socketserver.TCPServer(("127.0.0.1", 0), _WithoutTls) as server:
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        provider = ServerProvider(f"https://127.0.0.1:{server.server_address[1]}/v1")

        with pytest.raises(ProviderError, match=r"no server answers here \(.*SSL.*\); nothing was scored"):
            collect(provider, many(2))
        server.shutdown()


def test_several_servers_share_the_requests(stub_server: Start, collect: Collect) -> None:
    """Each request goes to the server with the fewest in flight."""
    stubs = [stub_server(Behaviour(latency_s=0.2)) for _ in range(3)]
    first, *others = [stub.base_url for stub in stubs]

    results = collect(ServerProvider(first, replicas=others, concurrency=4), many(12))

    assert [type(result) for _, result in results] == [Completion] * 12
    assert [len(stub.log) for stub in stubs] == [4, 4, 4]


def test_a_dead_one_of_several_costs_nothing(stub_server: Start, collect: Collect) -> None:
    """Its requests go to the others."""
    stub = stub_server(Behaviour())

    results = collect(ServerProvider("http://127.0.0.1:9/v1", replicas=[stub.base_url]), many(20))

    assert [type(result) for _, result in results] == [Completion] * 20


def test_a_server_that_goes_down_fails_only_the_remaining_draws(
    monkeypatch: pytest.MonkeyPatch, stub_server: Start
) -> None:
    """Completions from before stay, the other draws fail with a reason, and nothing hangs."""
    monkeypatch.setattr(retry, "OUTAGE_LIMIT_S", 0.1)
    stub = stub_server(Behaviour(faults=[None, "hang"]))
    provider = ServerProvider(stub.base_url, concurrency=1, max_retries=1)

    async def with_a_death() -> list[DrawResult]:
        results = []
        async for _, result in provider.complete(many(3)):
            results.append(result)
            await asyncio.to_thread(stub.stop)
        return results

    results = asyncio.run(with_a_death())

    assert [Completion, NoCompletion, NoCompletion] == [type(result) for result in results]


def test_everything_is_in_flight_at_once(stub_server: Start) -> None:
    """The server has all 164 requests before it has answered any, so that its batch is full."""
    stub = stub_server(Behaviour(faults=["hang"] * 164))

    async def most_in_flight() -> int:
        async def everything() -> None:
            async for _ in ServerProvider(stub.base_url).complete(many(164)):
                pass

        task = asyncio.create_task(everything())
        deadline_s = time.monotonic() + 60
        while stub.most_in_flight < 164 and time.monotonic() < deadline_s:
            await asyncio.sleep(0.001)
        task.cancel()
        await asyncio.wait([task])
        return stub.most_in_flight

    assert asyncio.run(most_in_flight()) == 164


def test_never_more_in_flight_than_allowed(stub_server: Start, collect: Collect) -> None:
    """The limit counts completions: a request for three takes three places."""
    stub = stub_server(Behaviour(latency_s=0.1))
    draws = [draw for i in range(5) for draw in draws_of(request_of(f"ask {i}", temperature=0.8), 3)]

    collect(ServerProvider(stub.base_url, concurrency=7), [*draws, *many(10)])

    assert stub.most_in_flight == 7


def test_connections_are_kept(stub_server: Start, collect: Collect) -> None:
    """There are as many connections as requests in flight, and they are reused."""
    stub = stub_server(Behaviour())

    collect(ServerProvider(stub.base_url, concurrency=2), many(20))

    assert stub.connections == 2


def test_closing_cancels_what_is_in_flight(stub_server: Start) -> None:
    """After the iterator is closed, nothing of the batch is left running."""
    stub = stub_server(Behaviour(faults=[None, *["hang"] * 9]))

    async def left_over() -> set[asyncio.Task[Any]]:
        results = ServerProvider(stub.base_url).complete(many(10))
        await anext(results)
        await results.aclose()
        return asyncio.all_tasks() - {asyncio.current_task()}

    assert set() == asyncio.run(left_over())


def test_cancelling_the_consumer_cancels_what_is_in_flight(stub_server: Start) -> None:
    """A task that is cancelled while it waits for a completion, as by Ctrl-C, ends at once."""
    stub = stub_server(Behaviour(answer=echo, faults=["hang"] * 5))

    async def cancelled() -> bool:
        async def everything() -> None:
            async for _ in ServerProvider(stub.base_url).complete(many(5)):
                pass

        task = asyncio.create_task(everything())
        while not stub.log:
            await asyncio.sleep(0.001)
        task.cancel()
        await asyncio.wait([task], timeout=60)
        return task.cancelled() and len(asyncio.all_tasks()) == 1

    assert asyncio.run(cancelled())


@pytest.mark.parametrize(
    "base_url", ["", "localhost:8000", "ftp://host/v1", "http://", "http://host:many/v1", "http://[::1/v1"]
)
def test_a_base_url_that_is_not_one_is_a_configuration_error(base_url: str) -> None:
    """A typing mistake is refused at once, with an example of what to write."""
    with pytest.raises(ConfigError, match="http://localhost:8000/v1"):
        ServerProvider(base_url)


def test_it_says_what_its_requests_are_doing(stub_server: Start) -> None:
    """While one waits to retry, that and why; when all are settled, nothing any more."""
    server = stub_server(Behaviour(faults=["429"], retry_after="0.2"))
    provider = ServerProvider(server.base_url)
    assert isinstance(provider, ReportsTraffic)

    async def watch() -> Traffic:
        results = provider.complete(many(5))
        await anext(results)
        during = provider.traffic()
        assert len([result async for result in results]) == 4
        return during

    during = asyncio.run(watch())

    assert (during.waiting_to_retry, during.retry_reason) == (1, "HTTP 429")
    assert 0 <= during.in_flight <= 4
    assert (provider.traffic().in_flight, provider.traffic().waiting_to_retry) == (0, 0)
