"""Whole runs with prices: what they cost is said, and ``--humaneval-max-cost`` ends them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from pytest_humaneval.core.datasets import read_problems
from tests.support.evaluating import PLAIN_AND_WORKERS, Evaluate
from tests.support.serving import StartServer
from tests.support.stub_behaviour import Behaviour, canonical_answers
from tests.support.stub_server import StubServer

RUN = ("--humaneval-experiment=e", "--humaneval-tasks=0-5")
PRICES = "price_per_million_prompt_tokens = 1000\nprice_per_million_completion_tokens = 4000\n"


def write(folder: Path, server: StubServer, prices: str = PRICES) -> None:
    """Write two experiments that ask a server with these prices, one request at a time."""
    (folder / "experiments.toml").write_text(
        f'[servers.s]\nbase_url = "{server.base_url}"\nmodel = "m"\nconcurrency = 1\n{prices}'
        '[experiments.e]\nserver = "s"\nstrategy = "fewshot_v1"\n'
        '[experiments.f]\nserver = "s"\nstrategy = "fewshot_v1"\ntemperature = 0.5\nseed = 1\n'
    )


def solving(**behaviour: object) -> Behaviour:
    """Return a model that knows every answer."""
    return Behaviour(answer=canonical_answers(read_problems()), **behaviour)  # type: ignore[arg-type]


def cost_by_tokens(run: dict[str, Any]) -> float:
    """Return what the tokens of a report's experiment cost."""
    tokens = run["tokens"]
    return float((tokens["prompt"] * 1000 + tokens["completion"] * 4000) / 1_000_000)


def _samples(run: dict[str, Any]) -> list[dict[str, Any]]:
    return [sample for result in run["results"] for sample in result["samples"]]


def _tokens(sample: dict[str, Any]) -> dict[str, int]:
    return {"prompt": sample["prompt_tokens"], "completion": sample["completion_tokens"]}


@pytest.mark.parametrize("mode", PLAIN_AND_WORKERS)
def test_the_cost_is_in_every_report(
    pytester: pytest.Pytester, stub_server: StartServer, evaluate: Evaluate, mode: Sequence[str]
) -> None:
    """What was spent now, and what all samples cost: from the store nothing is spent any more."""
    server = stub_server(solving())
    write(pytester.path, server)

    first = evaluate(*RUN, "--humaneval-html=report.html", *mode).run
    again = evaluate(*RUN, *mode)

    assert first["cost"] == pytest.approx(cost_by_tokens(first))
    assert first["cost_of_all_samples"] == pytest.approx(cost_by_tokens(first))
    assert first["cost"] > 1
    assert again.run["cost"] == 0.0
    assert again.run["cost_of_all_samples"] == first["cost_of_all_samples"]
    assert "e: cost 0 for what was requested now" in again.text
    assert "cost of all samples" in (pytester.path / "report.html").read_text()


@pytest.mark.parametrize("mode", PLAIN_AND_WORKERS)
def test_it_stops_at_the_most_that_a_run_may_cost(
    pytester: pytest.Pytester, stub_server: StartServer, evaluate: Evaluate, mode: Sequence[str]
) -> None:
    """Both experiments together: what was asked is judged, the rest is undecided, and so is the gate."""
    server = stub_server(solving())
    write(pytester.path, server)

    finished = evaluate(
        *("--humaneval-experiment=e,f", "--humaneval-tasks=0-5"),
        *("--humaneval-max-cost=1.2", "--humaneval-fail-under=0.5", *mode),
    )

    runs = finished.report["experiments"]
    spent = sum(run["cost"] for run in runs.values())
    outcomes = {name: run["outcomes"] for name, run in runs.items()}
    assert outcomes["e"] == {"passed": len(server.log), "infra_error": 6 - len(server.log)}, finished.text
    assert outcomes["f"] == {"infra_error": 6}
    assert (finished.status, 0 < len(server.log) < 6) == (6, True)
    # One request at a time: it ends with the one that reaches the limit.
    last = max(cost_by_tokens({"tokens": _tokens(sample)}) for sample in _samples(runs["e"]))
    assert 1.2 <= spent < 1.2 + last
    assert "not requested: --humaneval-max-cost 1.2 is spent" in finished.text


def test_a_limit_needs_token_counts(
    pytester: pytest.Pytester, stub_server: StartServer, evaluate: Evaluate
) -> None:
    """A server that counts nothing is asked once, and the reports show no figure that nobody knows."""
    server = stub_server(solving(counts_tokens=False))
    write(pytester.path, server)

    finished = evaluate(*RUN, "--humaneval-max-cost=100")

    assert finished.run["outcomes"] == {"passed": 1, "infra_error": 5}, finished.text
    costs = [finished.run[key] for key in ("cost", "cost_of_all_samples", "answers_without_token_counts")]
    assert costs == [None, None, 1]
    assert "reports no token counts" in finished.text
    assert "so no cost is known" in finished.text
    assert len(server.log) == 1


def test_a_limit_needs_prices(
    pytester: pytest.Pytester, stub_server: StartServer, evaluate: Evaluate
) -> None:
    """Without them there is nothing to add up: one line says what to write, and nothing is sent."""
    server = stub_server(solving())
    write(pytester.path, server, prices="")

    finished = evaluate(*RUN, "--humaneval-max-cost=1")

    assert finished.status == 4
    assert "price_per_million_prompt_tokens" in finished.text
    assert "[servers.s]" in finished.text
    assert server.log == []


@pytest.mark.parametrize("amount", ["0", "-1", "nan", "much"])
def test_an_impossible_amount_is_refused(evaluate: Evaluate, amount: str) -> None:
    """One line says what was found."""
    finished = evaluate("--humaneval-experiment=canonical", f"--humaneval-max-cost={amount}")

    assert finished.status == 4
    assert f"--humaneval-max-cost: found '{amount}', expected an amount above 0" in finished.text
