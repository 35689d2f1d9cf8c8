"""Whole runs whose answers arrive in pieces: times of this run alone, and the same completions."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import jsonschema
import pytest

from pytest_humaneval.core.datasets import read_problems
from pytest_humaneval.reports.json_report import SCHEMA
from tests.support.evaluating import PLAIN_AND_WORKERS, Evaluate
from tests.support.serving import StartServer
from tests.support.stub_behaviour import Behaviour, canonical_answers
from tests.support.stub_server import StubServer

RUN = ("--humaneval-experiment=e", "--humaneval-tasks=0-2")


def write(folder: Path, server: StubServer, keys: str) -> None:
    """Write an experiment with these keys, which asks a server."""
    (folder / "experiments.toml").write_text(
        f'[servers.s]\nbase_url = "{server.base_url}"\nmodel = "m"\n'
        f'[experiments.e]\nserver = "s"\nstrategy = "fewshot_v1"\n{keys}\n'
    )


@pytest.mark.parametrize("mode", PLAIN_AND_WORKERS)
def test_times_of_each_request_are_in_the_report(
    pytester: pytest.Pytester, stub_server: StartServer, evaluate: Evaluate, mode: Sequence[str]
) -> None:
    """Each sample has its own, summary, page and report have median and percentile, the manifest says why."""
    server = stub_server(Behaviour(canonical_answers(read_problems())))
    write(pytester.path, server, "stream = true\nn = 2\ntemperature = 0.5")

    finished = evaluate(*RUN, "--humaneval-html=report.html", *mode)

    assert finished.run["outcomes"] == {"passed": 6}, finished.text
    assert {body["stream"] for body in server.log} == {True}
    for result in finished.run["results"]:
        for sample in result["samples"]:
            assert 0 < sample["first_token_s"] <= sample["generation_s"]
    speed = finished.run["speed"]
    assert speed["first_token_s"]["count"] == speed["tokens_per_s"]["count"] == 6
    assert 0 < speed["first_token_s"]["median"] <= speed["first_token_s"]["p95"]
    assert finished.run["manifest"]["stream"] is True
    jsonschema.validate(finished.report, json.loads(SCHEMA.read_text()))
    assert "e: first token median 0." in finished.text
    assert "tokens/s of a request" in (pytester.path / "report.html").read_text()


def test_completions_of_the_store_have_no_times(
    pytester: pytest.Pytester, stub_server: StartServer, evaluate: Evaluate
) -> None:
    """They are found, streamed or not, and a later run says nothing of another one's times."""
    server = stub_server(Behaviour(canonical_answers(read_problems())))
    write(pytester.path, server, "stream = true")
    evaluate(*RUN)
    asked = len(server.log)

    for keys in ("stream = true", ""):
        write(pytester.path, server, keys)
        finished = evaluate(*RUN)

        assert finished.run["outcomes"] == {"passed": 3}, finished.text
        assert "first_token_s" not in json.dumps(finished.report)
        assert "first token" not in finished.text
    assert len(server.log) == asked == 3


def test_a_run_that_does_not_stream_has_no_such_fields(
    pytester: pytest.Pytester, stub_server: StartServer, evaluate: Evaluate
) -> None:
    """Reports and manifests of before are what they were."""
    server = stub_server(Behaviour(canonical_answers(read_problems())))
    write(pytester.path, server, "stream = false")

    finished = evaluate(*RUN)

    assert {body["stream"] for body in server.log} == {False}
    assert not {"speed", "stream"} & {*finished.run, *finished.run["manifest"]}


@pytest.mark.parametrize("provider", ['"embedded"\nmodel = "memoriser"', '"canonical"'])
def test_a_provider_that_streams_nothing_refuses_it(
    pytester: pytest.Pytester, evaluate: Evaluate, provider: str
) -> None:
    """One line, before anything runs."""
    (pytester.path / "experiments.toml").write_text(
        f'[experiments.e]\nprovider = {provider}\nstrategy = "fewshot_v1"\nstream = true\n'
    )

    finished = evaluate(*RUN)

    assert finished.status == pytest.ExitCode.USAGE_ERROR
    assert "has no such key; remove the key" in finished.text
    assert 'experiment "e", stream: provider = ' in finished.text
