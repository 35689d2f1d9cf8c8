"""A run's score in words, the same in every report that people read."""

from __future__ import annotations

from pytest_humaneval.core.scoring.run import Run


def score_cells(run: Run) -> tuple[str, str, str]:
    """Return pass@1, its interval, and how many of the selected problems passed; "-" without a score."""
    if not run.has_score:
        return "-", "-", "-"
    low, high = run.interval
    return f"{run.pass_at[1]:.1%}", f"{low:.1%} - {high:.1%}", f"{run.passed}/{run.selected}"
