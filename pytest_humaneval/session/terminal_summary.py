"""The terminal summary, in order: causes, the table, what must be known beside it, files, gate."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_humaneval.evaluation.plan import Plan
from pytest_humaneval.evaluation.summary import RunSummary
from pytest_humaneval.reports import terminal
from pytest_humaneval.reports.ablation_table import ablation_lines
from pytest_humaneval.reports.cause_text import cause_lines
from pytest_humaneval.reports.gate_text import gate_line


def summary_lines(
    plan: Plan, summary: RunSummary, warnings: list[str], is_listing: bool, are_files_written: bool
) -> Iterator[str]:
    """Yield what the terminal shows of a run at its end."""
    yield from cause_lines(summary.runs)
    if summary.runs:
        yield from terminal.run_table(summary.runs)
        yield from terminal.notes(summary.runs, summary.comparisons)
    yield from warnings
    names = {run.experiment.name: terminal.marked_name(run) for run in summary.runs}
    yield from ablation_lines(summary.ablation or {}, names)
    html = plan.settings.html
    if html and summary.runs and are_files_written:
        yield f"HTML report: {html.resolve().as_uri()}"
    if plan.has_gate and is_listing:
        yield "gate: not asked, since a listing judges nothing"
    elif plan.has_gate:
        yield gate_line(summary.session_summary)
    if summary.saved:
        yield summary.saved
