"""The score that a run's gate is on: pass@1, or that of the samples that were chosen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from pytest_humaneval.core.config.settings import GATE_SCORES
from pytest_humaneval.core.scoring.run import Run

ONE_SAMPLE, SELECTED = GATE_SCORES
"""pass@1, and selected@1."""


@dataclass(frozen=True)
class GateScore:
    """A score that a gate can be on.

    Attributes:
        name: what it is called wherever people read it, such as ``selected@1 of 10``.
        value: the score, 0 to 1; None if there is none.
        scores: of each problem by task id, exactly; None where it has no verdict.
        has_doubts: whether it lacks the verdict on any sample.
    """

    name: str
    value: float | None = None
    scores: Mapping[str, Fraction | None] = field(default_factory=dict)
    has_doubts: bool = False


def gate_score(run: Run, on: str | None = None) -> GateScore:
    """Return the score that a gate is on: ``on``, by default what the run's experiment says."""
    if (on or run.experiment.gate_on) == ONE_SAMPLE:
        return GateScore(ONE_SAMPLE, run.pass_at[1], run.scores, run.undecided > 0)
    figures = run.selected_figures
    if figures is None:
        return GateScore(SELECTED, has_doubts=True)
    return GateScore(figures.name, figures.score, figures.scores, run.undecided + figures.undecided > 0)
