"""What rounds of repair came to, in words, the same in every report that people read."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_humaneval.core.scoring.repaired import RepairFigures, repair_figures
from pytest_humaneval.core.scoring.run import Run
from pytest_humaneval.core.scoring.selected import rounds_text

AFTER_REPAIR = "after repair"
"""The heading of pass@1 after rounds of repair."""


def repair_notes(run: Run) -> Iterator[str]:
    """Yield a line on the rounds of repair: the score after them, the one before, and what they cost."""
    if figures := repair_figures(run):
        low, high = figures.interval
        yield (
            f"{run.experiment.name}: after {rounds_text(figures.rounds)} pass@1 is {figures.score:.1%} "
            f"({low:.1%} - {high:.1%}), {run.pass_at[1]:.1%} before: +{len(figures.gained)}/"
            f"-{len(figures.lost)} problems; {_spent(figures)}"
        )


def _spent(figures: RepairFigures) -> str:
    answers = f"{figures.requests:,} further {'answer' if figures.requests == 1 else 'answers'}"
    if not figures.prompt_tokens + figures.completion_tokens:
        return answers
    return f"{answers}, {figures.prompt_tokens:,} tokens read and {figures.completion_tokens:,} written"
