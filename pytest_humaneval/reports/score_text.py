"""A run's score in words, the same in every report that people read."""

from __future__ import annotations

from pytest_humaneval.core.scoring.run import Run

BASE = "base"
"""The heading of pass@1 by the base tests alone."""


def score_cells(run: Run) -> tuple[str, str, str]:
    """Return pass@1, its interval, and how many of the selected problems passed; "-" without a score."""
    if not run.has_score:
        return "-", "-", "-"
    low, high = run.interval
    return f"{run.pass_at[1]:.1%}", f"{low:.1%} - {high:.1%}", _solved(run)


def base_cell(run: Run) -> str:
    """Return pass@1 by the base tests alone; "-" where there is no such score."""
    score = run.pass_at_1_base
    return "-" if score is None else f"{score:.1%}"


def base_note(run: Run) -> str | None:
    """Return in a line how many problems the further tests cost; None without two scores that differ."""
    score, interval = run.pass_at_1_base, run.base_interval
    if score is None or interval is None or score == run.pass_at[1]:
        return None
    low, high = interval
    more = run.base_passed - run.passed
    return (
        f"pass@1 counts base and plus tests; by the base tests alone it is {score:.1%} "
        f"({low:.1%} - {high:.1%}): {more} more {'problem' if more == 1 else 'problems'}"
    )


def _solved(run: Run) -> str:
    """Return how many problems passed; with several samples each, in words, since pass@1 is another share."""
    numbers = [n for n, _ in run.counts]
    fewest, most = min(numbers, default=1), max(numbers, default=1)
    solved = f"{run.passed}/{run.selected}"
    if most <= 1:
        return solved
    return f"{solved} solved by any of {most if fewest == most else f'{fewest} to {most}'}"
