"""A run's score in words, the same in every report that people read."""

from __future__ import annotations

from pytest_humaneval.core.scoring.run import Run


def score_cells(run: Run) -> tuple[str, str, str]:
    """Return pass@1, its interval, and how many of the selected problems passed; "-" without a score."""
    if not run.has_score:
        return "-", "-", "-"
    low, high = run.interval
    return f"{run.pass_at[1]:.1%}", f"{low:.1%} - {high:.1%}", _solved(run)


def _solved(run: Run) -> str:
    """Return how many problems passed; with several samples each, in words, since pass@1 is another share."""
    numbers = [n for n, _ in run.counts]
    fewest, most = min(numbers, default=1), max(numbers, default=1)
    solved = f"{run.passed}/{run.selected}"
    if most <= 1:
        return solved
    return f"{solved} solved by any of {most if fewest == most else f'{fewest} to {most}'}"
