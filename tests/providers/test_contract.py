"""The contract that every provider keeps; a new one joins by a function and its line in PROVIDERS."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import aclosing
from functools import cache
from typing import Any

import pytest

from pytest_humaneval.core.config.embedded import Embedded
from pytest_humaneval.core.config.shipped import MEMORISER_MODEL as MEMORISER
from pytest_humaneval.core.ports import Provider
from pytest_humaneval.core.problem import Problem
from pytest_humaneval.core.records import (
    Completion,
    Draw,
    Message,
    NoCompletion,
    Request,
    Sampling,
    SettledDraw,
)
from pytest_humaneval.providers.canonical import CanonicalProvider
from pytest_humaneval.providers.embedded.provider import EmbeddedProvider
from pytest_humaneval.providers.openai_api.provider import ServerProvider
from pytest_humaneval.providers.recorded import RecordedProvider
from tests.support.engines import CONTEXT_TOKENS, needs_engine, needs_vllm
from tests.support.stub_behaviour import Behaviour

PROBLEMS = [Problem(f"Test/{i}", f"def f{i}():\n", f"f{i}", f"    return {i}\n", "") for i in range(5)]
SAMPLES_PER_PROBLEM = 3

Fixtures = Callable[[str], Any]
Collect = Callable[[Provider, Sequence[Draw]], list[SettledDraw]]


def canonical(_: Fixtures) -> Provider:
    """Return the provider of the dataset's solutions."""
    return CanonicalProvider(PROBLEMS)


def recorded(_: Fixtures) -> Provider:
    """Return the provider of a samples file."""
    samples = [Completion(f"sample {i}") for i in range(SAMPLES_PER_PROBLEM)]
    return RecordedProvider({problem.task_id: samples for problem in PROBLEMS})


def server(fixture: Fixtures) -> Provider:
    """Return the provider of a server, a stub."""
    return ServerProvider(fixture("stub_server")(Behaviour()).base_url)


def embedded(_: Fixtures) -> Provider:
    """Return the provider that runs the shipped model in this process."""
    return EmbeddedProvider(Embedded(str(MEMORISER), device="cpu", dtype="float32", threads=1))


def real_server(fixture: Fixtures) -> Provider:
    """Return the provider of a real vLLM that serves the shipped model, under the name in the requests."""
    return ServerProvider(fixture("vllm_service").server.base_url)


# Cached: vLLM does not give its memory back before the process ends.
@cache
def _offline_vllm() -> Provider:
    engine_args = {"max_model_len": CONTEXT_TOKENS, "enforce_eager": True}
    return EmbeddedProvider(Embedded(str(MEMORISER), engine="vllm", engine_args=engine_args))


def offline_vllm(fixture: Fixtures) -> Provider:
    """Return the provider that runs the shipped model by vLLM in this process, loaded once."""
    fixture("vllm_small_footprint")
    return _offline_vllm()


PROVIDERS = [
    canonical,
    recorded,
    server,
    pytest.param(embedded, marks=needs_engine, id="embedded"),
    pytest.param(real_server, marks=needs_vllm, id="real_server"),
    pytest.param(offline_vllm, marks=needs_vllm, id="offline_vllm"),
]


@pytest.fixture(params=PROVIDERS, ids=lambda build: build.__name__)
def provider(request: pytest.FixtureRequest) -> Provider:
    """Return each provider in turn."""
    built: Provider = request.param(request.getfixturevalue)
    return built


def draws_of(sampling: Sampling, samples: int = SAMPLES_PER_PROBLEM) -> list[Draw]:
    """Return some draws of every problem."""
    requests = [
        Request(str(MEMORISER), "chat", (Message("user", problem.prompt),), sampling) for problem in PROBLEMS
    ]
    return [
        Draw(problem.task_id, i, request)
        for problem, request in zip(PROBLEMS, requests, strict=True)
        for i in range(samples)
    ]


GREEDY = Sampling(max_tokens=16)
SAMPLINGS = {
    "greedy": GREEDY,
    "sampled": Sampling(temperature=0.8, max_tokens=16),
    "seeded": Sampling(temperature=0.8, max_tokens=16, seed=7),
}


@pytest.mark.parametrize("sampling", SAMPLINGS.values(), ids=SAMPLINGS.keys())
def test_every_draw_is_yielded_exactly_once(provider: Provider, collect: Collect, sampling: Sampling) -> None:
    """Greedy, sampled or seeded, each draw comes back once, in any order, with a completion."""
    draws = draws_of(sampling)

    results = collect(provider, draws)

    assert Counter(draws) == Counter(draw for draw, _ in results)
    assert {Completion} == {type(completion) for _, completion in results}


def test_no_draws_give_no_results(provider: Provider, collect: Collect) -> None:
    """A run whose completions are all in the store requests none."""
    assert collect(provider, []) == []


def test_a_provider_can_be_used_again(provider: Provider, collect: Collect) -> None:
    """A second batch, in another event loop, gets the same greedy completions as the first."""
    draws = draws_of(GREEDY, samples=1)

    assert dict(collect(provider, draws)) == dict(collect(provider, draws))


def test_it_can_be_closed_after_the_first_result(provider: Provider) -> None:
    """Closing the iterator early, as Ctrl-C does, raises no error and no warning."""
    draws = draws_of(GREEDY)

    async def first() -> Draw:
        async with aclosing(provider.complete(draws)) as results:
            async for draw, _ in results:
                return draw
        raise AssertionError("no result")

    assert asyncio.run(first()) in draws


@pytest.mark.parametrize("build", [canonical, recorded], ids=lambda build: build.__name__)
def test_an_unknown_problem_has_no_completion(
    build: Callable[[Fixtures], Provider], collect: Collect
) -> None:
    """The draw fails with a reason that names the problem; no completion is invented."""
    request = Request("m", "completion", (Message("user", "?"),), GREEDY)

    [(_, completion)] = collect(build(lambda _: None), [Draw("Test/unheard-of", 0, request)])

    assert isinstance(completion, NoCompletion)
    assert "Test/unheard-of" in completion.reason
