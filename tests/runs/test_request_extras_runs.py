"""Whole runs whose requests carry more: sent, shown in the manifest, kept apart, and no secret anywhere."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from pytest_humaneval.core.datasets import read_problems
from tests.support.evaluating import PLAIN_AND_WORKERS, Evaluate
from tests.support.serving import StartServer
from tests.support.stub_behaviour import Behaviour, canonical_answers
from tests.support.stub_server import StubServer

SECRET = "not-to-be-seen-4711"  # noqa: S105 (of nothing)
EXTRAS = """
min_p = 0.05
chat_template_kwargs = { enable_thinking = false }
extra_body = { priority = 1 }
extra_headers = { X-Api-Key = "${GATEWAY_KEY}" }
"""
RUN = ("--humaneval-experiment=e", "--humaneval-tasks=0-1")
REFUSED = [
    pytest.param(keys, field, named or field, id=field)
    for keys, field, named in (
        ("presence_penalty = 0.5", "presence_penalty", None),
        ("frequency_penalty = 0.5", "frequency_penalty", None),
        ("logit_bias = { 5 = 1 }", "logit_bias", None),
        ('reasoning_effort = "low"', "reasoning_effort", None),
        ("chat_template_kwargs = { enable_thinking = false }", "chat_template_kwargs", None),
        ("extra_body = { priority = 1 }", "priority", "extra_body, priority"),
        ('select = "likelihood"\nn = 2\ntemperature = 0.8', "logprobs", 'select, "likelihood"'),
    )
]
"""Keys of an experiment, the field that a server refuses of them, and the key that the message names."""


def write(folder: Path, server: StubServer, keys: str) -> None:
    """Write an experiment with these keys, which asks a server."""
    (folder / "experiments.toml").write_text(
        f'[servers.s]\nbase_url = "{server.base_url}"\nmodel = "m"\n'
        f'[experiments.e]\nserver = "s"\nstrategy = "fewshot_v1"\n{keys}\n'
    )


def solving(**behaviour: object) -> Behaviour:
    """Return a model that knows every answer."""
    return Behaviour(answer=canonical_answers(read_problems()), **behaviour)  # type: ignore[arg-type]


@pytest.mark.parametrize("mode", PLAIN_AND_WORKERS)
def test_they_are_sent_and_in_the_manifest(
    pytester: pytest.Pytester,
    stub_server: StartServer,
    evaluate: Evaluate,
    monkeypatch: pytest.MonkeyPatch,
    mode: Sequence[str],
) -> None:
    """The server gets them, the report says so, and the secret is in no file and nowhere on the terminal."""
    monkeypatch.setenv("GATEWAY_KEY", SECRET)
    server = stub_server(solving())
    write(pytester.path, server, EXTRAS)

    finished = evaluate(*RUN, "--humaneval-html=report.html", "-v", *mode)

    assert finished.run["outcomes"] == {"passed": 2}, finished.text
    assert {body["min_p"] for body in server.log} == {0.05}
    assert [body["chat_template_kwargs"] for body in server.log] == [{"enable_thinking": False}] * 2
    assert {body["priority"] for body in server.log} == {1}
    assert {headers["x-api-key"] for headers in server.headers} == {SECRET}
    manifest = finished.run["manifest"]
    assert manifest["sampling"]["min_p"] == 0.05
    assert manifest["extra_headers"] == {"X-Api-Key": "${GATEWAY_KEY}"}
    assert manifest["chat_template_kwargs"] == {"enable_thinking": False}
    files = [path for path in pytester.path.rglob("*") if path.is_file()]
    assert [path for path in files if SECRET.encode() in path.read_bytes()] == []
    assert SECRET not in finished.text


def test_each_is_another_request_to_the_store(
    pytester: pytest.Pytester, stub_server: StartServer, evaluate: Evaluate
) -> None:
    """A completion is found only under the extras that it was drawn with."""
    server = stub_server(solving())
    for keys in ("", "min_p = 0.05", 'reasoning_effort = "low"', "min_p = 0.05", ""):
        write(pytester.path, server, keys)
        evaluate(*RUN)

    assert len(server.log) == 6


@pytest.mark.parametrize("mode", PLAIN_AND_WORKERS)
def test_a_refused_one_ends_the_run_in_one_line(
    pytester: pytest.Pytester, stub_server: StartServer, evaluate: Evaluate, mode: Sequence[str]
) -> None:
    """The line has the server's words and the key; nothing is scored."""
    server = stub_server(solving(unknown=frozenset({"min_p"})))
    write(pytester.path, server, "min_p = 0.05")

    finished = evaluate("--humaneval-experiment=e", *mode)

    reported = [line for line in finished.text.splitlines() if "supplied: min_p" in line]
    assert (finished.status, len(reported)) == (4, 1), finished.text
    assert "the experiment's key min_p" in reported[0]
    assert not finished.report_path.exists()


@pytest.mark.parametrize(("keys", "field", "named"), REFUSED)
def test_whatever_is_refused_is_named_once(
    pytester: pytest.Pytester,
    stub_server: StartServer,
    evaluate: Evaluate,
    keys: str,
    field: str,
    named: str,
) -> None:
    """One line has the server's words and the key of the experiment; hardly any request was sent."""
    server = stub_server(solving(unknown=frozenset({field})))
    write(pytester.path, server, keys)

    finished = evaluate("--humaneval-experiment=e", "--humaneval-tasks=0-9")

    [said] = [line for line in finished.text.splitlines() if f"arguments supplied: {field}" in line]
    assert finished.status == 4
    assert f"the experiment's key {named}" in said
    assert len(server.log) < 10
    assert not finished.report_path.exists()


def test_a_refused_header_is_named_once(
    pytester: pytest.Pytester, stub_server: StartServer, evaluate: Evaluate
) -> None:
    """By its own name, however the server writes it."""
    server = stub_server(Behaviour(refusal=(400, "the header x-title is not allowed")))
    write(pytester.path, server, 'extra_headers = { X-Title = "evaluation" }')

    finished = evaluate("--humaneval-experiment=e", "--humaneval-tasks=0-9")

    [said] = [line for line in finished.text.splitlines() if "the header x-title is not allowed" in line]
    assert finished.status == 4
    assert "the experiment's key extra_headers, X-Title" in said


def test_a_variable_that_is_not_set_is_an_error_before_anything_is_sent(
    pytester: pytest.Pytester, stub_server: StartServer, evaluate: Evaluate
) -> None:
    """One line names experiment, key and variable."""
    server = stub_server(solving())
    write(pytester.path, server, EXTRAS)

    finished = evaluate(*RUN)

    assert finished.status == 4
    assert 'experiment "e", extra_headers: the environment variable GATEWAY_KEY is not set' in finished.text
    assert not server.log
