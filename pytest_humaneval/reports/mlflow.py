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

from pytest_humaneval.core.config.url import without_password
from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.core.scoring.repaired import repair_figures
from pytest_humaneval.core.scoring.run import Run
from pytest_humaneval.core.scoring.session_summary import SessionSummary
from pytest_humaneval.reports.cost_text import cost_metrics
from pytest_humaneval.reports.training_curve import training_metrics

if TYPE_CHECKING:
    from mlflow import MlflowClient

EXPERIMENT = "pytest-humaneval"
"""The experiment of the tracking server, unless MLFLOW_EXPERIMENT_NAME names another one."""

# What the store of a tracking server takes: https://mlflow.org/docs/latest/ml/tracking/tracking-api
_LONGEST_PARAMETER, _MOST_METRICS_OF_A_CALL = 6_000, 1_000
# Where no server is, the client's own 7 attempts, each after a longer wait, take minutes.
# https://mlflow.org/docs/latest/python_api/mlflow.environment_variables.html
_RETRIES = "1"
_OPENING_TIMEOUT_S, _WRITING_TIMEOUT_S = 5, 60

_PARAMETERS = (
    "model",
    "provider",
    "api",
    "strategy",
    "postprocess",
    "prompt_tail",
    "assistant_prefill",
    "n",
    "select",
    "gate_on",
    "base_url",
    "dataset_name",
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
        uri = self.client.tracking_uri
        for run in session.runs:
            with _calling(uri, _WRITING_TIMEOUT_S):
                run_id = self._log(run, session)
            yield f"{run.experiment.name}: logged to MLflow at {without_password(uri)} as run {run_id}"

    def _log(self, run: Run, session: SessionSummary) -> str:
        end_ms = int(time.time() * 1000)
        created = self.client.create_run(
            self.experiment_id,
            end_ms - int(run.seconds.wall * 1000),
            _tags(run, session),
            run.experiment.name,
        )
        run_id, status = str(created.info.run_id), "FAILED"
        try:
            self._fill(run_id, run, session, end_ms)
            status = "FINISHED"
        finally:
            self.client.set_terminated(run_id, status, end_ms)
        return run_id

    def _fill(self, run_id: str, run: Run, session: SessionSummary, time_ms: int) -> None:
        from mlflow.entities import Metric, Param

        figures = [Metric(key, value, time_ms, 0) for key, value in metrics(run).items()]
        figures += [Metric(key, value, time_ms, step) for key, value, step in training_metrics(run)]
        for start in range(0, len(figures), _MOST_METRICS_OF_A_CALL):
            self.client.log_batch(run_id, figures[start : start + _MOST_METRICS_OF_A_CALL])
        self.client.log_batch(run_id, params=[Param(key, value) for key, value in parameters(run).items()])
        with tempfile.TemporaryDirectory() as folder:
            self.write_files(run, session, Path(folder))
            self.client.log_artifacts(run_id, folder)


def open_mlflow(uri: str | None, write_files: WriteFiles) -> MlflowReport:
    """Open a report to the tracking server at ``uri``; None: where MLFLOW_TRACKING_URI says.

    The server's experiment is created if it has none of that name: what cannot be logged is known before
    anything is generated.

    Raises:
        ConfigError: MLflow is not installed, or the server cannot be used.
    """
    if find_spec("mlflow") is None:
        raise ConfigError("--humaneval-mlflow needs MLflow: pip install 'pytest-humaneval[mlflow]'")
    with _calling(uri or "its default address", _OPENING_TIMEOUT_S):
        from mlflow import MlflowClient

        client = MlflowClient(uri)
    with _calling(client.tracking_uri, _OPENING_TIMEOUT_S):
        return MlflowReport(client, _experiment_id(client), write_files)


def _experiment_id(client: MlflowClient) -> str:
    name = os.environ.get("MLFLOW_EXPERIMENT_NAME", EXPERIMENT)
    found = client.get_experiment_by_name(name)
    if found is None:
        created: str = client.create_experiment(name)
        return created
    if found.lifecycle_stage != "active":
        raise ConfigError(
            f"the experiment {name!r} is deleted; restore it, or name another one in MLFLOW_EXPERIMENT_NAME"
        )
    active: str = found.experiment_id
    return active


@contextmanager
def _calling(uri: str, timeout_s: int) -> Iterator[None]:
    """Have the client give up soon and print nothing, and turn what it raises into one line.

    Variables that the user has set stay as they are.
    """
    limits = {
        "MLFLOW_HTTP_REQUEST_MAX_RETRIES": _RETRIES,
        "MLFLOW_HTTP_REQUEST_TIMEOUT": str(timeout_s),
        "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
        "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    }
    added = {key: value for key, value in limits.items() if key not in os.environ}
    os.environ.update(added)
    try:
        yield
    # Of any type: a tracking URI leads to the libraries of many stores.
    except Exception as error:
        raise ConfigError(f"--humaneval-mlflow: {_reason(error, without_password(uri))}") from error
    finally:
        for key in added:
            os.environ.pop(key, None)


def _reason(error: Exception, uri: str) -> str:
    # What the client's requests raise is an OSError, and what it makes of it is a page long.
    if uri.startswith("http") and isinstance(error.__context__, OSError):
        return f"no answer from the tracking server at {uri} ({type(error.__context__).__name__})"
    if isinstance(error, ImportError):
        return f"{uri} needs more than MLflow's client ({error}): pip install mlflow"
    return " ".join(str(error).split())


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
        **cost_metrics(run),
    }
    if not run.has_score:
        return figures
    scores = {f"pass_at_{k}": value for k, value in run.pass_at.items()}
    by_base = {f"pass_at_{k}_base": value for k, value in run.pass_at_base.items()}
    bounds = {**_bounds("pass_at_1", run.interval), **_bounds("pass_at_1_base", run.base_interval)}
    return {**figures, **scores, **by_base, **bounds, **_selected(run), **_repaired(run)}


def _selected(run: Run) -> dict[str, float]:
    """Return the figures of a choice among samples, how many they were among them."""
    selected = run.selected_figures
    if selected is None or selected.score is None:
        return {}
    base = {} if selected.base_score is None else {"selected_at_1_base": selected.base_score}
    return {
        "selected_at_1": selected.score,
        "selected_at_1_of": selected.most,
        "oracle": selected.oracle,
        **_bounds("selected_at_1", selected.interval),
        **(base if run.has_base_tests else {}),
    }


def _repaired(run: Run) -> dict[str, float]:
    figures = repair_figures(run)
    if figures is None:
        return {}
    score = "pass_at_1_after_repair_rounds"
    return {score: figures.score, **_bounds(score, figures.interval), "repair_rounds": figures.rounds}


def _bounds(score: str, interval: tuple[float, float] | None) -> dict[str, float]:
    names = (f"{score}_ci95_low", f"{score}_ci95_high")
    return dict(zip(names, interval, strict=True)) if interval else {}


def parameters(run: Run) -> dict[str, str]:
    """Return what a run was made with, as text."""
    manifest = run.manifest
    named = {key: manifest[key] for key in _PARAMETERS if manifest.get(key) not in (None, "")}
    for group in ("sampling", "limits"):
        values = manifest.get(group)
        named.update(values if isinstance(values, Mapping) else {})
    if run.experiment.place:
        named["study"] = run.experiment.place.study
    return {key: str(value)[:_LONGEST_PARAMETER] for key, value in named.items()}


def _tags(run: Run, session: SessionSummary) -> dict[str, str]:
    tags = {} if session.decision is None else {"humaneval.gate": session.decision.value}
    git = run.manifest.get("git")
    if isinstance(git, Mapping) and git.get("commit"):
        tags["mlflow.source.git.commit"] = str(git["commit"])
        tags["humaneval.git.dirty"] = str(git.get("dirty", "")).lower()
    return tags
