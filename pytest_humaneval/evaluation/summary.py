"""The summary of a run whose results are all there: figures, comparisons, the gate's decision."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

from pytest_humaneval.core.scoring.baseline import Baseline
from pytest_humaneval.core.scoring.gate import Comparison, Decision, check_threshold, compare, sum_up
from pytest_humaneval.core.scoring.run import Run
from pytest_humaneval.core.scoring.session_summary import SessionSummary
from pytest_humaneval.evaluation.plan import Plan
from pytest_humaneval.evaluation.results import ResultCollector
from pytest_humaneval.reports import baselines, json_report
from pytest_humaneval.reports.ablation_table import Ablation

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
        name: baselines.read(
            baselines.find(what, folder),
            name,
            is_only,
            plan.datasets[name],
            plan.experiments[name].experiment.gate_on,
        )
        for name, what in named.items()
        if what is not None
    }


class RunSummary:
    """The figures of a collector that is complete; each is worked out when it is first asked for.

    Attributes:
        ablation: what ``ablation.ablate`` found, where the settings ask for it.
    """

    def __init__(self, plan: Plan, collector: ResultCollector, baselines: Baselines) -> None:
        self._plan, self._collector, self._baselines = plan, collector, baselines
        self.ablation: Ablation | None = None

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
        """What reports are written of."""
        return SessionSummary(
            self.runs,
            self.comparisons,
            self.decision if self._plan.has_gate else None,
            self.ablation,
            self._collector.progress.warnings,
            self._collector.unfinished(self._selected_runs),
        )

    @cached_property
    def report(self) -> dict[str, Any]:
        """The JSON report."""
        return json_report.build(self.runs, self.comparisons, self.ablation)

    def save_baseline(self) -> str | None:
        """Save the report as a baseline that later runs can rely on, where the settings say so.

        Returns:
            In a line that it is saved, or why not; None if it was not to be saved.

        Raises:
            OSError: it cannot be written.
        """
        name = self._plan.settings.save_baseline
        if name is None:
            return None
        if self._plan.has_gate and self.decision is not Decision.HOLDS:
            return f"baseline {name!r} not saved: the gate says {self.decision}"
        if lost := sum(run.undecided for run in self.runs):
            return f"baseline {name!r} not saved: {lost} samples have no verdict"
        path = baselines.save(self._write_report, name, self._plan.settings.baselines_folder)
        return f"baseline {name!r} saved as {path}"

    def _write_report(self, path: Path) -> None:
        json_report.write(path, self.runs, self.comparisons, self.ablation)
