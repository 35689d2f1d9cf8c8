"""Dry runs: what would be requested is shown and counted, and nothing is sent."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from pytest_humaneval.core.datasets import read_problems
from tests.support.evaluating import PLAIN_AND_WORKERS, Evaluate
from tests.support.serving import StartServer
from tests.support.stub_behaviour import Behaviour, canonical_answers
from tests.support.stub_server import StubServer

SECRET = "not-to-be-seen-4712"  # noqa: S105 (of nothing)


def write(folder: Path, server: StubServer) -> None:
    """Write an experiment and a study that ask a server with prices and secrets."""
    (folder / "experiments.toml").write_text(
        f'[servers.s]\nbase_url = "{server.base_url}"\nmodel = "m"\napi_key_env = "STUB_KEY"\n'
        "price_per_million_prompt_tokens = 0\nprice_per_million_completion_tokens = 10\n"
        '[experiments.e]\nserver = "s"\nstrategy = "fewshot_v1"\nmax_tokens = 1000\n'
        'extra_headers = { X-Api-Key = "${GATEWAY_KEY}" }\n'
        '[experiments.study]\nserver = "s"\nstrategy = "fewshot_v1"\nn = 3\n'
        "matrix = { temperature = [0.2, 0.8] }\n"
    )


def dry(result: pytest.RunResult) -> list[str]:
    """Return the lines of a dry run: from the first request on, without pytest's own last line."""
    lines = result.outlines
    first = next(place for place, line in enumerate(lines) if line.startswith("--- a request of"))
    return lines[first : lines.index("dry run: nothing was sent") + 1]


@pytest.mark.parametrize("mode", PLAIN_AND_WORKERS)
def test_it_shows_and_counts_and_sends_nothing(
    pytester: pytest.Pytester, stub_server: StartServer, evaluate: Evaluate, mode: Sequence[str]
) -> None:
    """The selected problems only, once, also with workers: a whole request, counts, the most it costs."""
    server = stub_server(Behaviour())
    write(pytester.path, server)

    finished = evaluate(
        "--humaneval-experiment=e",
        "--humaneval-tasks=0-3",
        "-k",
        "not below_zero",
        "--humaneval-dry-run",
        *mode,
    )

    lines = dry(finished.result)
    assert (finished.status, server.log) == (0, []), finished.text
    assert lines[:3] == [
        "--- a request of e, for HumanEval/0",
        f"POST {server.base_url}/chat/completions",
        "X-Api-Key: ${GATEWAY_KEY}",
    ]
    assert '  "max_tokens": 1000,' in lines
    assert any("has_close_elements" in line for line in lines)
    assert lines[-2].startswith("e: 3 completions, 0 of them in the store; to request: 3 requests, about ")
    assert lines[-2].endswith("at most 3,000 completion tokens, cost at most about 0.03")
    assert sum(line.startswith("--- a request of") for line in finished.result.outlines) == 1


def test_what_is_in_the_store_is_not_requested(
    pytester: pytest.Pytester, stub_server: StartServer, evaluate: Evaluate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stored completions are counted apart, and no secret is shown, be it set or not."""
    monkeypatch.setenv("GATEWAY_KEY", SECRET)
    monkeypatch.setenv("STUB_KEY", SECRET)
    server = stub_server(Behaviour(answer=canonical_answers(read_problems())))
    write(pytester.path, server)
    evaluate("--humaneval-experiment=e", "--humaneval-tasks=0-1")

    finished = evaluate("--humaneval-experiment=e", "--humaneval-tasks=0-3", "--humaneval-dry-run")

    assert "e: 4 completions, 2 of them in the store; to request: 2 requests" in finished.text
    assert "--- a request of e, for HumanEval/2" in finished.text
    assert SECRET not in finished.text
    assert len(server.log) == 2


def test_every_combination_of_a_study_is_there(
    pytester: pytest.Pytester, stub_server: StartServer, evaluate: Evaluate
) -> None:
    """Each with a request of its own, which asks for all samples of a problem at once, and their sum."""
    server = stub_server(Behaviour())
    write(pytester.path, server)

    finished = evaluate(
        "--humaneval-experiment=study*",
        "--humaneval-tasks=0-1",
        "--humaneval-dry-run",
        "--humaneval-max-cost=0.1",
    )

    lines = dry(finished.result)
    names = ["study[t=0.2]", "study[t=0.8]"]
    assert [line.split(",")[0] for line in lines if line.startswith("---")] == [
        f"--- a request of {name}" for name in names
    ]
    assert [line for line in lines if '"n": 3' in line] == ['  "n": 3,'] * 2
    for name in names:
        assert any(line.startswith(f"{name}: 6 completions") and "2 requests" in line for line in lines), (
            lines
        )
    assert "all experiments together: cost at most about 0.12288" in lines
    assert "--humaneval-max-cost 0.1 may end the requests before all are answered" in lines
    assert server.log == []


def test_it_makes_no_store_and_asks_no_gate(
    pytester: pytest.Pytester, stub_server: StartServer, evaluate: Evaluate
) -> None:
    """A run that keeps nothing leaves nothing, and judges nothing."""
    write(pytester.path, stub_server(Behaviour()))

    finished = evaluate("--humaneval-experiment=e", "--humaneval-fail-under=1", "--humaneval-dry-run")

    assert finished.status == 0, finished.text
    assert not (pytester.path / ".humaneval_cache").exists()
    assert not finished.report_path.exists()


def test_without_an_experiment_it_is_refused(evaluate: Evaluate) -> None:
    """Else the project's own tests would run."""
    finished = evaluate("--humaneval-dry-run")

    assert finished.status == 4
    assert "--humaneval-dry-run: no experiment is named; add --humaneval-experiment=NAME" in finished.text
