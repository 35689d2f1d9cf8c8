"""Report to MLflow: a run of the tracking server for each experiment, with parameters, metrics and reports.

Source: https://mlflow.org/docs/latest/python_api/mlflow.client.html
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.core.scoring.run import Run
from pytest_humaneval.core.scoring.session_summary import SessionSummary

if TYPE_CHECKING:
    from mlflow import MlflowClient

EXPERIMENT = "pytest-humaneval"
"""The experiment of the tracking server, unless MLFLOW_EXPERIMENT_NAME names another one."""

# What the store of a tracking server takes: https://mlflow.org/docs/latest/ml/tracking/tracking-api
_LONGEST_PARAMETER = 6_000
# The client's own 7 attempts, each after a longer wait, take minutes where no server is.
_RETRIES = "2"

_PARAMETERS = (
    "model",
    "provider",
    "api",
    "strategy",
    "postprocess",
    "prompt_tail",
    "assistant_prefill",
    "n",
    "base_url",
    "dataset",
    "dataset_sha256",
    "isolation",
)
"""Keys of the manifest that are parameters; those of ``sampling`` and ``limits`` are, too."""

WriteFiles = Callable[[Run, SessionSummary, Path], None]
"""Writes the reports of one run of a session into a folder."""


@dataclass(frozen=True)
class MlflowReport:
    """Logs a session to a tracking server.

    Attributes:
        client: the client of the server.
        experiment_id: the server's experiment.
        write_files: writes what is kept as the artifacts of a run.
    """

    client: MlflowClient
    experiment_id: str
    write_files: WriteFiles

    def write(self, session: SessionSummary) -> Iterator[str]:
        """Log every run; yield where each of them is.

        Raises:
            ConfigError: the server does not take it.
        """
        for run in session.runs:
            with _reported():
                run_id = self._log(run, session)
            name = run.experiment.name
            yield f"{name}: logged to MLflow at {self.client.tracking_uri} as run {run_id}"

    def _log(self, run: Run, session: SessionSummary) -> str:
        from mlflow.entities import Metric, Param, RunTag

        now_ms = int(time.time() * 1000)
        created = self.client.create_run(self.experiment_id, run_name=run.experiment.name)
        run_id: str = created.info.run_id
        self.client.log_batch(
            run_id,
            metrics=[Metric(key, value, now_ms, 0) for key, value in metrics(run).items()],
            params=[Param(key, value) for key, value in parameters(run).items()],
            tags=[RunTag(key, value) for key, value in _tags(run, session).items()],
        )
        with tempfile.TemporaryDirectory() as folder:
            self.write_files(run, session, Path(folder))
            self.client.log_artifacts(run_id, folder)
        self.client.set_terminated(run_id)
        return run_id


def open_mlflow(uri: str | None, write_files: WriteFiles) -> MlflowReport:
    """Open a report to the tracking server at ``uri``; None: where MLFLOW_TRACKING_URI says.

    The server's experiment is created if it has none of that name: what cannot be logged is known before
    anything is generated.

    Raises:
        ConfigError: MLflow is not installed, or the server cannot be used.
    """
    if find_spec("mlflow") is None:
        raise ConfigError("--humaneval-mlflow needs MLflow: pip install 'pytest-humaneval[mlflow]'")
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", _RETRIES)
    from mlflow import MlflowClient

    name = os.environ.get("MLFLOW_EXPERIMENT_NAME", EXPERIMENT)
    with _reported():
        client = MlflowClient(uri)
        found = client.get_experiment_by_name(name)
        experiment_id = client.create_experiment(name) if found is None else found.experiment_id
    return MlflowReport(client, experiment_id, write_files)


@contextmanager
def _reported() -> Iterator[None]:
    """Turn what the client raises into one line."""
    from mlflow.exceptions import MlflowException

    try:
        yield
    except MlflowException as error:
        raise ConfigError(f"--humaneval-mlflow: {' '.join(str(error).split())}") from error


def metrics(run: Run) -> dict[str, float]:
    """Return a run's figures under names that MLflow takes; a score that does not exist is left out."""
    figures: dict[str, float] = {
        "problems": run.selected,
        "passed": run.passed,
        "undecided": run.undecided,
        "seconds.wall": run.seconds.wall,
        "seconds.generation": run.seconds.generation,
        "tokens.completion": sum(sample.completion_tokens for sample in run.samples),
        "tokens.prompt": sum(sample.prompt_tokens for sample in run.samples),
        **{f"outcomes.{name}": count for name, count in run.outcomes.items()},
    }
    if not run.has_score:
        return figures
    low, high = run.interval
    scores = {f"pass_at_{k}": value for k, value in run.pass_at.items()}
    return {**figures, **scores, "pass_at_1_ci95_low": low, "pass_at_1_ci95_high": high}


def parameters(run: Run) -> dict[str, str]:
    """Return what a run was made with, as text."""
    manifest = run.manifest
    named = {key: manifest[key] for key in _PARAMETERS if manifest.get(key) not in (None, "")}
    for group in ("sampling", "limits"):
        values = manifest.get(group)
        named.update(values if isinstance(values, Mapping) else {})
    return {key: str(value)[:_LONGEST_PARAMETER] for key, value in named.items()}


def _tags(run: Run, session: SessionSummary) -> dict[str, str]:
    tags = {} if session.decision is None else {"humaneval.gate": session.decision.value}
    git = run.manifest.get("git")
    if isinstance(git, Mapping) and git.get("commit"):
        tags["mlflow.source.git.commit"] = str(git["commit"])
        tags["humaneval.git.dirty"] = str(git.get("dirty", "")).lower()
    return tags
