"""The summary of a run whose results are all there: figures, comparisons, the gate's decision, the files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from pytest_humaneval.core.results import ProblemResult
from pytest_humaneval.core.scoring.baseline import Baseline
from pytest_humaneval.core.scoring.gate import Comparison, Decision, check_threshold, compare, sum_up
from pytest_humaneval.core.scoring.run import Run
from pytest_humaneval.core.scoring.session_summary import SessionSummary
from pytest_humaneval.evaluation.plan import Plan
from pytest_humaneval.evaluation.results import ResultCollector
from pytest_humaneval.reports import baselines, json_report
from pytest_humaneval.reports.ablation_table import Ablation
from pytest_humaneval.reports.cautions import cautions
from pytest_humaneval.reports.failure_card import FailureCard, failure_card
from pytest_humaneval.reports.samples import sample_row, write_samples

Baselines = Mapping[str, Baseline]
"""The baseline of each experiment that has one."""


def read_baselines(plan: Plan) -> Baselines:
    """Read what the experiments are to be compared with.

    Raises:
        ConfigError: something cannot be compared with.
    """
    named = {name: each.experiment.baseline for name, each in plan.experiments.items()}
    folder, is_only = plan.settings.baselines_folder, len(named) == 1
    return {
        name: baselines.read(baselines.find(what, folder), name, is_only, plan.dataset.sha256)
        for name, what in named.items()
        if what is not None
    }


class RunSummary:
    """The figures of a collector that is complete; each is worked out when it is first asked for.

    Attributes:
        ablation: what ``ablation.ablate`` found, where the settings ask for it.
        saved: what became of the baseline that was to be saved, once the files are written.
    """

    def __init__(self, plan: Plan, collector: ResultCollector, baselines: Baselines) -> None:
        self._plan, self._collector, self._baselines = plan, collector, baselines
        self.ablation: Ablation | None = None
        self.saved: str | None = None

    @cached_property
    def _selected_runs(self) -> list[Run]:
        return self._collector.runs()

    @cached_property
    def runs(self) -> list[Run]:
        """The runs of which anything at all is known."""
        return [run for run in self._selected_runs if run.results]

    @property
    def has_no_problem(self) -> bool:
        """Whether no problem was selected."""
        return not self._selected_runs

    @property
    def has_nothing_of_all(self) -> bool:
        """Whether items were selected, and there is no result of any."""
        return bool(self._selected_runs) and not self.runs

    @cached_property
    def comparisons(self) -> Mapping[str, Comparison]:
        """Each run with a score beside its baseline."""
        return {
            run.experiment.name: compare(run, self._baselines[run.experiment.name])
            for run in self.runs
            if run.has_score and run.experiment.name in self._baselines
        }

    @cached_property
    def decision(self) -> Decision:
        """What the gate says: every threshold and baseline must hold, and no selected sample be in doubt."""
        doubts = [Decision.UNDECIDED for run in self._selected_runs if run.undecided]
        floors = [
            check_threshold(run, run.experiment.fail_under)
            for run in self.runs
            if run.experiment.fail_under is not None
        ]
        return sum_up([*doubts, *floors, *(comparison.decision for comparison in self.comparisons.values())])

    @property
    def session_summary(self) -> SessionSummary:
        """What the reports for CI show."""
        return SessionSummary(self.runs, self.comparisons, self.decision if self._plan.has_gate else None)

    @cached_property
    def report(self) -> dict[str, Any]:
        """The JSON report."""
        return json_report.build(self.runs, self.comparisons, self.ablation)

    def write_files(self) -> None:
        """Write the files that the settings name.

        Raises:
            OSError, ConfigError: one cannot be written.
        """
        settings = self._plan.settings
        if settings.report:
            self._write_report(settings.report)
        if settings.html:
            self._write_html(settings.html)
        if settings.save_samples:
            write_samples(settings.save_samples, self._sample_rows())
        if settings.save_baseline:
            self.saved = self._save_baseline(settings.save_baseline)

    def _write_report(self, path: Path) -> None:
        json_report.write(path, self.runs, self.comparisons, self.ablation)

    def _save_baseline(self, name: str) -> str:
        """Save the report as a baseline that later runs can rely on; return in a line that, or why not."""
        if self._plan.has_gate and self.decision is not Decision.HOLDS:
            return f"baseline {name!r} not saved: the gate says {self.decision}"
        if lost := sum(run.undecided for run in self.runs):
            return f"baseline {name!r} not saved: {lost} samples have no verdict"
        path = baselines.save(self._write_report, name, self._plan.settings.baselines_folder)
        return f"baseline {name!r} saved as {path}"

    def _write_html(self, path: Path) -> None:
        # Imported late: a run without this report starts sooner.
        from pytest_humaneval.reports.html.report import Page, write

        page = Page(
            runs=self.runs,
            comparisons=self.comparisons,
            make_card=self._card,
            gate=str(self.decision) if self._plan.has_gate else None,
            notes=[
                *(line for run in self.runs for line in cautions(run)),
                *self._collector.progress.warnings,
            ],
        )
        write(path, page)

    def _card(self, experiment: str, result: ProblemResult) -> FailureCard:
        problem = self._plan.problems[result.task_id]
        request = self._plan.experiments[experiment].request(problem)
        return failure_card(result, problem, experiment, self._plan.settings, request.messages)

    def _sample_rows(self) -> Iterator[dict[str, Any]]:
        for run in self.runs:
            for result in run.results:
                problem = self._plan.problems[result.task_id]
                rows = (sample_row(problem, sample) for sample in result.samples)
                yield from (row for row in rows if row is not None)
