"""The terminal summary: causes, what must be known of the runs, their table, files, and last the gate."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from pytest_humaneval.core.records import Outcome
from pytest_humaneval.core.scoring.gate import Decision
from pytest_humaneval.core.scoring.study import studies_of
from pytest_humaneval.evaluation.plan import Plan
from pytest_humaneval.evaluation.report_writing import Reports
from pytest_humaneval.evaluation.summary import RunSummary
from pytest_humaneval.reports import terminal
from pytest_humaneval.reports.ablation_table import ablation_lines
from pytest_humaneval.reports.cause_text import cause_lines
from pytest_humaneval.reports.dataset_text import heading
from pytest_humaneval.reports.gate_text import base_lines, gate_line
from pytest_humaneval.reports.study_table import study_lines
from pytest_humaneval.reports.visible import visible

_COUNT = re.compile(rf"\b\d+ ({'|'.join(Outcome)})\b")
_COLOURS = {Decision.HOLDS: "green", Decision.FAILS: "red", Decision.UNDECIDED: "yellow"}


def title_of(plan: Plan) -> str:
    """Return the title of a plan's summary: its datasets."""
    return heading(plan.datasets[name].name for name in plan.experiments)


class TerminalSummary:
    """Writes the summary of a run on pytest's terminal."""

    def __init__(self, reporter: pytest.TerminalReporter, plan: Plan, summary: RunSummary) -> None:
        self._reporter, self._plan, self._summary = reporter, plan, summary
        self._writer = reporter.config.get_terminal_writer()

    def write(self, warnings: list[str], is_listing: bool, reports: Reports) -> None:
        """Write all of it; the table comes after what may be long, so that a screen ends with the figures."""
        self._reporter.section(visible(title_of(self._plan)))
        for line in self._notes(warnings):
            self._reporter.line(visible(line))
        if self._summary.runs:
            for line in terminal.run_table(self._summary.runs, self._writer.fullwidth):
                self._reporter.line(self._coloured(visible(line)))
        self._write_gate(is_listing)
        for line in reports.trouble:
            self._reporter.line(visible(line), red=True)
        # Last: among them are GitHub's, after which its runner obeys commands again.
        for line in reports.lines:
            self._reporter.line(visible(line))

    def _notes(self, warnings: list[str]) -> Iterator[str]:
        summary = self._summary
        yield from cause_lines(summary.runs)
        if summary.runs:
            yield from terminal.notes(summary.runs, summary.comparisons)
        yield from warnings
        names = {run.experiment.name: terminal.marked_name(run) for run in summary.runs}
        yield from ablation_lines(summary.ablation or {}, names)
        yield from study_lines(studies_of(summary.runs), self._writer.fullwidth)

    def _coloured(self, line: str) -> str:
        """Return a line of the table with its outcomes in the colours of pytest's own counts."""

        def colour(count: re.Match[str]) -> str:
            return self._writer.markup(count[0], **{"green" if count[1] == Outcome.PASSED else "red": True})

        return _COUNT.sub(colour, line)

    def _write_gate(self, is_listing: bool) -> None:
        if self._plan.has_gate and is_listing:
            self._reporter.line("gate: not asked, since a listing judges nothing")
        elif self._plan.has_gate:
            line = gate_line(self._summary.session_summary)
            self._reporter.line(visible(line), **{_COLOURS[self._summary.decision]: True})
            for line in base_lines(self._summary.runs):
                self._reporter.line(visible(line))
