"""The reports that come with the package and need no pytest: JSON, HTML, samples, MLflow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pytest_humaneval.core.ports import Report
from pytest_humaneval.core.results import ProblemResult
from pytest_humaneval.core.scoring.run import Run
from pytest_humaneval.core.scoring.session_summary import SessionSummary
from pytest_humaneval.evaluation.plan import Plan
from pytest_humaneval.evaluation.registry import Registry
from pytest_humaneval.reports import json_report
from pytest_humaneval.reports.cautions import run_notes
from pytest_humaneval.reports.failure_card import FailureCard, failure_card
from pytest_humaneval.reports.html.page_data import Row
from pytest_humaneval.reports.samples import sample_row, write_samples


def register(registry: Registry) -> None:
    """Add these reports."""
    registry.report("json", open_json)
    registry.report("html", open_html)
    registry.report("samples", open_samples)
    registry.report("mlflow", open_mlflow)


@dataclass(frozen=True)
class JsonReport:
    """Writes the JSON report to ``path``."""

    path: Path

    def write(self, session: SessionSummary) -> Iterable[str]:
        """Write it."""
        json_report.write(self.path, session.runs, session.comparisons, session.ablation)
        return ()


@dataclass(frozen=True)
class HtmlReport:
    """Writes the HTML report to ``path``."""

    plan: Plan
    path: Path

    def write(self, session: SessionSummary) -> Iterable[str]:
        """Write it, and say where it is."""
        self.write_partial(session)
        return (f"HTML report: {self.path.resolve().as_uri()}",)

    def write_partial(self, session: SessionSummary) -> None:
        """Write it of the results so far; the page says what is missing."""
        # Imported late: a run without this report starts sooner.
        from pytest_humaneval.reports.html.report import Page, write

        page = Page(
            runs=session.runs,
            comparisons=session.comparisons,
            make_card=self._card,
            gate=None if session.decision is None else str(session.decision),
            notes=[*(line for run in session.runs for line in run_notes(run)), *session.warnings],
            unfinished=session.unfinished,
            selected=self._selected(session),
        )
        write(self.path, page)

    def _selected(self, session: SessionSummary) -> dict[str, list[Row]]:
        """Return each experiment's problems, with those that wait for a result; nothing at the end."""
        if session.unfinished is None:
            return {}
        waiting, selected = session.unfinished.waiting, {}
        for run in session.runs:
            name = run.experiment.name
            shown = {*waiting.get(name, ()), *(result.task_id for result in run.results)}
            rows = self.plan.problems[name].values()
            selected[name] = [(each.task_id, each.entry_point) for each in rows if each.task_id in shown]
        return selected

    def _card(self, experiment: str, result: ProblemResult) -> FailureCard:
        problem = self.plan.problems[experiment][result.task_id]
        request = self.plan.experiments[experiment].request(problem)
        dataset = self.plan.datasets[experiment].name
        card = failure_card(result, problem, experiment, self.plan.settings, request.messages, dataset)
        return replace(card, suffix=request.suffix)


@dataclass(frozen=True)
class SamplesFile:
    """Writes every sample to ``path``."""

    plan: Plan
    path: Path

    def write(self, session: SessionSummary) -> Iterable[str]:
        """Write them."""
        write_samples(self.path, self._rows(session))
        return ()

    def _rows(self, session: SessionSummary) -> Iterator[dict[str, Any]]:
        for run in session.runs:
            for result in run.results:
                problem = self.plan.problems[run.experiment.name][result.task_id]
                rows = (sample_row(problem, sample) for sample in result.samples)
                yield from (row for row in rows if row is not None)


def open_json(plan: Plan, path: Path | None) -> Report | None:
    """Open the JSON report, where a path is given."""
    chosen = path or plan.settings.report
    return None if chosen is None else JsonReport(chosen)


def open_html(plan: Plan, path: Path | None) -> Report | None:
    """Open the HTML report, where a path is given."""
    chosen = path or plan.settings.html
    return None if chosen is None else HtmlReport(plan, chosen)


def open_samples(plan: Plan, path: Path | None) -> Report | None:
    """Open the samples file, where a path is given."""
    chosen = path or plan.settings.save_samples
    return None if chosen is None else SamplesFile(plan, chosen)


def open_mlflow(plan: Plan, _path: Path | None) -> Report | None:
    """Open the report to MLflow, where a tracking server is named.

    Raises:
        ConfigError: MLflow is not installed, or the server cannot be used.
    """
    if plan.settings.mlflow is None:
        return None
    # Imported late: a run without this report starts sooner.
    from pytest_humaneval.reports.mlflow import open_mlflow

    def write_files(run: Run, session: SessionSummary, folder: Path) -> None:
        name = run.experiment.name
        comparisons = {each: found for each, found in session.comparisons.items() if each == name}
        own = replace(session, runs=[run], comparisons=comparisons, ablation=None)
        JsonReport(folder / "report.json").write(own)
        HtmlReport(plan, folder / "report.html").write(own)

    return open_mlflow(plan.settings.mlflow or None, write_files)
