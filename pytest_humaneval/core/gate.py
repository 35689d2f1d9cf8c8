"""The gate: may CI let this run through?

A threshold holds if pass@1 reaches it. A baseline holds unless the loss is significant: an exact two-sided
McNemar test on the problems that both runs judged. A sample without a verdict makes every rule undecided.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from pytest_humaneval.core.metrics import mcnemar_p
from pytest_humaneval.core.run import Run

SIGNIFICANCE = 0.05
"""A loss with a p-value below this fails the gate."""


class Decision(str, Enum):
    """What a gate says of a run; the value is the word in reports."""

    HOLDS = "holds"
    FAILS = "fails"
    UNDECIDED = "undecided"

    @property
    def exit_status(self) -> int:
        """What a process that ends with this decision tells its caller."""
        return {Decision.HOLDS: 0, Decision.FAILS: 1, Decision.UNDECIDED: 6}[self]

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True)
class Comparison:
    """A run beside its baseline, on the problems that both have.

    Attributes:
        baseline: the baseline's pass@1 on those problems.
        delta: the run's pass@1 on them, less the baseline's.
        gained: task ids that score higher now; with one sample a problem: that pass only now.
        lost: task ids that score lower now.
        p_value: of McNemar's exact test on gained and lost.
        unmatched: how many problems were not compared: only one of the two judged them.
        decision: whether the baseline holds.
    """

    baseline: float
    delta: float
    gained: tuple[str, ...]
    lost: tuple[str, ...]
    p_value: float
    unmatched: int
    decision: Decision


def check_threshold(run: Run, fail_under: float) -> Decision:
    """Judge a run by a least pass@1 (0 to 1)."""
    if run.undecided:
        return Decision.UNDECIDED
    return Decision.HOLDS if run.pass_at[1] >= fail_under else Decision.FAILS


def compare(run: Run, baseline_scores: Mapping[str, float | None]) -> Comparison:
    """Compare a run with a baseline's pass@1 by task id; None is a problem without a verdict there."""
    scores = {result.task_id: c / n for result, (n, c) in zip(run.results, run.tallies, strict=True)}
    shared = [task_id for task_id in scores if baseline_scores.get(task_id) is not None]
    before = {task_id: baseline_scores[task_id] or 0.0 for task_id in shared}
    gained = tuple(task_id for task_id in shared if scores[task_id] > before[task_id])
    lost = tuple(task_id for task_id in shared if scores[task_id] < before[task_id])
    p_value = mcnemar_p(len(gained), len(lost))
    mean_before = sum(before.values()) / max(1, len(shared))
    delta = sum(scores[task_id] - before[task_id] for task_id in shared) / max(1, len(shared))
    undecided = run.undecided > 0 or not shared
    fails = p_value < SIGNIFICANCE and len(lost) > len(gained)
    return Comparison(
        baseline=mean_before,
        delta=delta,
        gained=gained,
        lost=lost,
        p_value=p_value,
        unmatched=len(scores.keys() | baseline_scores.keys()) - len(shared),
        decision=Decision.UNDECIDED if undecided else Decision.FAILS if fails else Decision.HOLDS,
    )


def sum_up(decisions: Iterable[Decision]) -> Decision:
    """Sum up the decisions of a gate: one failure fails it, otherwise one doubt leaves it undecided."""
    decisions = set(decisions)
    for decisive in (Decision.FAILS, Decision.UNDECIDED):
        if decisive in decisions:
            return decisive
    return Decision.HOLDS
