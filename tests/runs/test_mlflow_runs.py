"""Runs that are logged to MLflow: read back from a real tracking server through its own client."""

from __future__ import annotations

import json
import subprocess
import textwrap
from pathlib import Path
from typing import Any

import pytest

from tests.support.easy_problems import FIRST
from tests.support.evaluating import PLAIN_AND_WORKERS, Evaluate
from tests.support.mlflow_serving import TrackingServer


@pytest.fixture
def experiment(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> str:
    """Name an experiment of the tracking server for this test alone."""
    name = str(request.node.name)
    monkeypatch.setenv("MLFLOW_EXPERIMENT_NAME", name)
    return name


def logged(server: TrackingServer, experiment: str) -> list[Any]:
    """Return the runs of an experiment of the tracking server."""
    from mlflow import MlflowClient

    client = MlflowClient(server.uri)
    found = client.get_experiment_by_name(experiment)
    return [] if found is None else list(client.search_runs([found.experiment_id]))


def artifact(server: TrackingServer, run: Any, name: str, folder: Path) -> str:  # noqa: ANN401 (MLflow's)
    """Return the text of an artifact of a run."""
    from mlflow import MlflowClient

    return Path(MlflowClient(server.uri).download_artifacts(run.info.run_id, name, str(folder))).read_text()


def commit(folder: Path) -> str:
    """Make a folder a git repository with one commit, and return that."""
    git = ["git", "-C", str(folder), "-c", "user.name=a", "-c", "user.email=a@b"]
    subprocess.run([*git, "init", "-q"], check=True)
    subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", "first"], check=True)
    done = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.mark.parametrize("mode", PLAIN_AND_WORKERS)
def test_a_run_is_in_the_tracking_server(
    score_easy: Evaluate,
    pytester: pytest.Pytester,
    tracking_server: TrackingServer,
    experiment: str,
    mode: tuple[str, ...],
) -> None:
    """Once, under the experiment's name: figures, what it was made with, both reports, and the commit."""
    head = commit(pytester.path)

    finished = score_easy(
        FIRST[5], f"--humaneval-mlflow={tracking_server.uri}", "--humaneval-fail-under=0.2", *mode
    )

    assert finished.status == 0, finished.text
    (run,) = logged(tracking_server, experiment)
    assert f"samples: logged to MLflow at {tracking_server.uri} as run {run.info.run_id}" in finished.text
    assert (run.info.run_name, run.info.status) == ("samples", "FINISHED")
    low, high = finished.run["ci95"]
    expected = {"pass_at_1": 0.25, "pass_at_1_ci95_low": low, "pass_at_1_ci95_high": high}
    expected |= {"problems": 20, "passed": 5, "undecided": 0, "outcomes.passed": 5, "outcomes.exception": 15}
    assert expected.items() <= run.data.metrics.items()
    made_with = {
        "provider": "samples",
        "n": "1",
        "dataset_sha256": finished.run["manifest"]["dataset_sha256"],
    }
    assert made_with.items() <= run.data.params.items()
    tags = {"mlflow.source.git.commit": head, "humaneval.gate": "holds"}
    assert tags.items() <= run.data.tags.items()
    report = json.loads(artifact(tracking_server, run, "report.json", pytester.path))
    assert report["experiments"]["samples"] == finished.run
    page = artifact(tracking_server, run, "report.html", pytester.path)
    assert page.startswith("<!doctype html>")


SILENT = """
    from pytest_humaneval.core.records import NoCompletion

    class Silent:
        async def complete(self, draws):
            for draw in draws:
                yield draw, NoCompletion("nothing to say")

    def pytest_humaneval_register(registry):
        registry.provider("silent", lambda resolved, problems: Silent(), needs_strategy=False)
"""


def test_a_run_without_a_score_has_no_pass_at_k(
    pytester: pytest.Pytester, evaluate: Evaluate, tracking_server: TrackingServer, experiment: str
) -> None:
    """No verdict is not a score of 0: the metric is left out, and the count of undecided samples is there."""
    pytester.makeconftest(textwrap.dedent(SILENT))
    (pytester.path / "experiments.toml").write_text('[experiments.one]\nprovider = "silent"\n')

    finished = evaluate(
        "--humaneval-experiment=one",
        "--humaneval-tasks=0-2",
        f"--humaneval-mlflow={tracking_server.uri}",
        "--humaneval-cache=off",
    )

    (run,) = logged(tracking_server, experiment)
    assert run.info.run_name == "one", finished.text
    assert run.data.metrics["undecided"] == 3
    assert not [name for name in run.data.metrics if name.startswith("pass_at")]


def test_a_tracking_server_that_dies_during_the_run_loses_nothing_else(
    score_easy: Evaluate, pytester: pytest.Pytester, mortal_tracking_server: TrackingServer
) -> None:
    """One line of the summary and exit status 4; the verdicts and the other reports are there."""
    pytester.makeconftest(
        "import os, signal\n"
        "def pytest_humaneval_run_finished(run):\n"
        f"    os.killpg({mortal_tracking_server.pid}, signal.SIGKILL)\n"
    )

    finished = score_easy(
        FIRST[5], f"--humaneval-mlflow={mortal_tracking_server.uri}", "--humaneval-html=report.html"
    )

    assert finished.status == 4
    assert finished.run["passed"] == 5
    assert (pytester.path / "report.html").exists()
    expected = f"--humaneval-mlflow: no answer from the tracking server at {mortal_tracking_server.uri}"
    assert finished.text.count(expected) == 1
    assert "Traceback" not in finished.text


@pytest.mark.parametrize(
    ("flag", "expected"),
    [
        (
            ("--humaneval-mlflow=http://me:secret@127.0.0.1:9",),
            "no answer from the tracking server at http://***@127.0.0.1:9 (ConnectionError)",
        ),
        (("--humaneval-mlflow=ftp://nowhere",), "unsupported URI 'ftp://nowhere'"),
        (("--humaneval-mlflow", "tests/"), "--humaneval-mlflow: found 'tests/', expected a URI such as"),
        (("--humaneval-mlflow", "test.py::one"), "--humaneval-mlflow: found 'test.py::one', expected a URI"),
    ],
)
def test_what_cannot_be_logged_is_known_before_anything_runs(
    score_easy: Evaluate, flag: tuple[str, ...], expected: str
) -> None:
    """No server, no such store, no URI: one line, exit status 4, no verdict."""
    pytest.importorskip("mlflow", reason="MLflow is not installed; the extra dev has it")

    finished = score_easy(FIRST[5], *flag)

    assert finished.status == 4
    errors = [line for line in finished.text.splitlines() if line.startswith("ERROR:")]
    assert len(errors) == 1
    assert expected in errors[0]
    assert not finished.report_path.exists()
    assert "Traceback" not in finished.text


def test_without_mlflow_the_extra_is_named(score_easy: Evaluate, pytester: pytest.Pytester) -> None:
    """What to install is in the one line."""
    pytester.makeconftest("import sys\nsys.modules['mlflow'] = None")

    finished = score_easy(FIRST[5], "--humaneval-mlflow")

    assert finished.status == 4
    assert "--humaneval-mlflow needs MLflow: pip install 'pytest-humaneval[mlflow]'" in finished.text
