"""Whole runs that choose by likelihood: what is asked for, what is chosen, and what is said without it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pytest_humaneval.core.datasets import read_problems
from tests.support.evaluating import PLAIN_AND_WORKERS, Evaluate
from tests.support.serving import StartServer
from tests.support.stub_behaviour import Behaviour, canonical_answers, distinct
from tests.support.stub_server import StubServer

LIKELIEST = 2
TASKS = "--humaneval-tasks=0,2"

Start = Callable[[Behaviour], StubServer]


def likely(text: str) -> list[float]:
    """Return log probabilities: those of the solutions that end with ``_2`` are the greatest."""
    return [-1.0, -0.5 if f"_{LIKELIEST} = " in text else -2.0]


@pytest.fixture
def serve(stub_server: StartServer, pytester: pytest.Pytester) -> Start:
    """Return a function that starts a server, and writes an experiment with four samples that asks it."""

    def start(behaviour: Behaviour) -> StubServer:
        server = stub_server(behaviour)
        (pytester.path / "experiments.toml").write_text(
            f'[servers.s]\nbase_url = "{server.base_url}"\nmodel = "m"\n'
            '[experiments.e]\nserver = "s"\nstrategy = "fewshot_v1"\ntemperature = 0.8\nn = 4\n'
            'select = "likelihood"\n'
        )
        return server

    return start


def known() -> Callable[..., list[str | None]]:
    """Return what answers with solutions of which no two are alike."""
    return distinct(canonical_answers(read_problems()))


@pytest.mark.parametrize("mode", PLAIN_AND_WORKERS)
def test_the_likeliest_sample_is_chosen(serve: Start, evaluate: Evaluate, mode: tuple[str, ...]) -> None:
    """It is, also in a second run, whose completions come from the store with their probabilities."""
    server = serve(Behaviour(answer=known(), logprobs=likely))

    for _ in range(2):
        finished = evaluate("--humaneval-experiment=e", TASKS, *mode)

        assert [result["selected"] for result in finished.run["results"]] == [LIKELIEST] * 2
        assert finished.run["results"][0]["samples"][LIKELIEST]["mean_logprob"] == -0.75
        assert "log probabilities" not in finished.text
    assert len(server.log) == 2


def test_without_probabilities_the_choice_is_called_what_it_is(serve: Start, evaluate: Evaluate) -> None:
    """The first sample is taken, and the summary says that nothing was chosen by likelihood."""
    serve(Behaviour(answer=known()))

    finished = evaluate("--humaneval-experiment=e", TASKS)

    assert [result["selected"] for result in finished.run["results"]] == [0, 0]
    assert "likelihood chose nothing: no sample came with log probabilities" in finished.text


def test_without_likelihood_nobody_asks(serve: Start, evaluate: Evaluate) -> None:
    """The flag decides, too: other ways of choosing need no probabilities."""
    server = serve(Behaviour(answer=known(), logprobs=likely))

    evaluate("--humaneval-experiment=e", TASKS, "--humaneval-select=first")

    assert ["logprobs" in body for body in server.log] == [False, False]
