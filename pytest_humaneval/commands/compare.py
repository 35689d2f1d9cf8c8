"""The command ``compare``: two JSON reports, problem by problem, by an exact paired test."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pytest_humaneval.api.report_files import ComparedRuns, compare_reports
from pytest_humaneval.commands.html import renamed, write_runs
from pytest_humaneval.core.scoring.gate import Decision, sum_up
from pytest_humaneval.reports.comparison_text import cautions, comparison_lines


@dataclass(frozen=True)
class ReportPair:
    """Two reports, the baseline and the newer one, and datasets that they may be of: names, or files."""

    baseline: Path
    newer: Path
    datasets: Sequence[str | Path] = ()


def run_compare(reports: ReportPair, html: Path | None, print_line: Callable[[str], None]) -> int:
    """Print how the experiments of two reports compare, and write the page with both.

    Returns:
        The exit status of a gate: 0 if no loss is significant, 1 if one is, 6 if it is undecided.

    Raises:
        ConfigError: the reports cannot be compared, or the page cannot be written.
    """
    compared = compare_reports(reports.baseline, reports.newer)
    pairs = compared.pairs
    for pair in pairs:
        for line in comparison_lines(pair.run.name, pair.comparison):
            print_line(line)
    if compared.unpaired:
        print_line(f"in one of the reports only, and not compared: {', '.join(compared.unpaired)}")
    decision = sum_up(pair.comparison.decision for pair in pairs)
    if html is not None:
        _write_page(html, reports, pairs, decision, print_line)
    return decision.exit_status


def _write_page(
    html: Path,
    reports: ReportPair,
    pairs: Sequence[ComparedRuns],
    decision: Decision,
    print_line: Callable[[str], None],
) -> None:
    write_runs(
        html,
        [each for pair in pairs for each in (renamed(pair.baseline, "baseline"), pair.run)],
        [reports.baseline, reports.newer],
        reports.datasets,
        print_line,
        comparisons={pair.run.name: pair.comparison for pair in pairs},
        gate=str(decision),
        notes=[f"{pair.run.name}: {line}" for pair in pairs for line in cautions(pair.comparison)],
    )
