"""Whole runs in which requests fail: the cause is said first and once, and what has no score shows none."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

import jsonschema
import pytest

from pytest_humaneval.reports.json_report import SCHEMA
from tests.support.evaluating import PLAIN_AND_WORKERS, Evaluate
from tests.support.serving import StartServer
from tests.support.stub_behaviour import Behaviour

DENYING = Behaviour(refusal=(401, "wrong API key"))


def write_experiments(folder: Path, base_url: str, *server_lines: str) -> None:
    """Write an experiments file with two experiments, ``e`` and ``f``, of the same server."""
    experiment = 'server = "s"\nstrategy = "fewshot_v1"\n'
    (folder / "experiments.toml").write_text(
        f'[servers.s]\nbase_url = "{base_url}"\nmodel = "m"\n' + "\n".join(server_lines) + "\n"
        f"[experiments.e]\n{experiment}[experiments.f]\n{experiment}"
        '[experiments.canonical]\nprovider = "canonical"\n'
    )


@pytest.mark.parametrize("mode", PLAIN_AND_WORKERS)
@pytest.mark.parametrize(("gate", "status"), [((), 4), (("--humaneval-fail-under=0.5",), 6)])
def test_a_wrong_key_ends_the_run_in_one_line(
    stub_server: StartServer,
    pytester: pytest.Pytester,
    evaluate: Evaluate,
    mode: Sequence[str],
    gate: Sequence[str],
    status: int,
) -> None:
    """Also with several experiments of that server; the exit status is the one for a server that is down."""
    write_experiments(pytester.path, stub_server(DENYING).base_url)

    finished = evaluate("--humaneval-experiment=e,f", *gate, *mode)

    lines = [line for line in finished.text.splitlines() if "HTTP 401: wrong API key" in line]
    assert (finished.status, len(lines)) == (status, 1)
    assert "the variable OPENAI_API_KEY" in lines[0]
    assert not finished.report_path.exists()


@pytest.mark.parametrize("mode", PLAIN_AND_WORKERS)
def test_a_wrong_key_ends_the_experiments_of_its_server_alone(
    stub_server: StartServer, pytester: pytest.Pytester, evaluate: Evaluate, mode: Sequence[str]
) -> None:
    """An experiment elsewhere is scored; of the two of that server, only the first sends any request."""
    server = stub_server(DENYING)
    write_experiments(pytester.path, server.base_url)

    finished = evaluate("--humaneval-experiment=e,canonical,f", "--humaneval-tasks=0-2", *mode)

    outcomes = {name: run["outcomes"] for name, run in finished.report["experiments"].items()}
    failed = {"infra_error": 3}
    assert outcomes == {"e": failed, "canonical": {"passed": 3}, "f": failed}
    assert server.counters == {"refused": 3}


@pytest.mark.parametrize("mode", PLAIN_AND_WORKERS)
def test_the_cause_of_a_total_failure_comes_first(
    stub_server: StartServer, pytester: pytest.Pytester, evaluate: Evaluate, mode: Sequence[str]
) -> None:
    """The summary begins with the cause, how often it occurred and of how many; the score is a dash."""
    write_experiments(pytester.path, stub_server(Behaviour(faults=["500"] * 8)).base_url, "max_retries = 0")

    finished = evaluate("--humaneval-experiment=e", "--humaneval-tasks=0-7", "--tb=no", *mode)

    lines = finished.result.outlines
    summary = lines[next(i for i, line in enumerate(lines) if line.strip("= ") == "HumanEval") + 1 :]
    assert summary[0] == "e: 8 of 8 requests failed: HTTP 500: stub fault 500"
    assert any(line.split()[:2] == ["e", "-"] for line in summary)
    assert "0.0%" not in "\n".join(summary)


def test_a_score_that_does_not_exist_is_shown_nowhere(
    stub_server: StartServer,
    pytester: pytest.Pytester,
    evaluate: Evaluate,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """HTML, GitHub's summary and JUnit have a dash, and the JSON report has null, as its schema allows."""
    pytest.importorskip("jinja2", reason="the extra html is not installed")
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(pytester.path / "summary.md"))
    write_experiments(pytester.path, stub_server(Behaviour(faults=["500"])).base_url, "max_retries = 0")

    finished = evaluate(
        "--humaneval-experiment=e", "--humaneval-tasks=0", "--humaneval-html=r.html", "--junitxml=j.xml"
    )

    junit = ElementTree.parse(pytester.path / "j.xml")  # noqa: S314 (our own file)
    properties = {p.attrib["name"]: p.attrib["value"] for p in junit.iterfind("./testsuite/properties/*")}
    assert properties["humaneval.e.pass@1"] == "-"
    assert "| e | - | - | - |" in (pytester.path / "summary.md").read_text()
    assert '<p class="score">-</p>' in (pytester.path / "r.html").read_text()
    scores = [finished.run[key] for key in ("pass@1", "pass@k", "ci95", "pass@1_format_only")]
    assert scores == [None, {"1": None}, None, None]
    schema = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text()))
    assert list(schema.iter_errors(finished.report)) == []


def test_a_run_without_a_score_is_compared_with_nothing(
    stub_server: StartServer, pytester: pytest.Pytester, evaluate: Evaluate
) -> None:
    """The gate is undecided, and no loss is reported that nobody measured."""
    write_experiments(pytester.path, stub_server(Behaviour(faults=["500"])).base_url, "max_retries = 0")
    baseline = evaluate("--humaneval-experiment=canonical", "--humaneval-tasks=0").report
    baseline["experiments"] = {"e": baseline["experiments"]["canonical"]}
    (pytester.path / "b.json").write_text(json.dumps(baseline))

    finished = evaluate("--humaneval-experiment=e", "--humaneval-tasks=0", "--humaneval-baseline=b.json")

    assert finished.status == 6
    assert finished.report["comparison"] == {}


@pytest.mark.parametrize("mode", PLAIN_AND_WORKERS)
def test_a_named_key_that_is_not_set_is_a_configuration_error(
    stub_server: StartServer, pytester: pytest.Pytester, evaluate: Evaluate, mode: Sequence[str]
) -> None:
    """One line names the file, the server's table and the variable, before anything is sent."""
    server = stub_server(Behaviour())
    write_experiments(pytester.path, server.base_url, 'api_key_env = "NOPE_KEY"')

    finished = evaluate("--humaneval-experiment=e", "--humaneval-fail-under=0.5", *mode)

    (line,) = [line for line in finished.text.splitlines() if "NOPE_KEY" in line]
    assert finished.status == 4
    assert f"{pytester.path / 'experiments.toml'}, [servers.s], api_key_env" in line
    assert not server.log


@pytest.mark.parametrize(
    "flags",
    [
        pytest.param(("--collect-only",), id="listing"),
        pytest.param(("--humaneval-samples=samples.jsonl",), id="recorded samples"),
        pytest.param(("--humaneval-base-url={url}",), id="another server"),
    ],
)
def test_a_key_that_is_not_needed_need_not_be_set(
    stub_server: StartServer, pytester: pytest.Pytester, evaluate: Evaluate, flags: Sequence[str]
) -> None:
    """Nothing is sent to the server whose key it is."""
    url = stub_server(Behaviour()).base_url
    write_experiments(pytester.path, "http://127.0.0.1:9/v1", 'api_key_env = "NOPE_KEY"')
    (pytester.path / "samples.jsonl").write_text('{"task_id": "HumanEval/0", "completion": ""}\n')

    finished = evaluate(
        "--humaneval-experiment=e", "--humaneval-tasks=0", *(flag.format(url=url) for flag in flags)
    )

    assert finished.status in (0, 1)
    assert "NOPE_KEY" not in finished.text
