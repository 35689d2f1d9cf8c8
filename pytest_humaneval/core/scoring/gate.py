"""The gate: may CI let this run through?

A threshold holds if pass@1 reaches it. A baseline holds unless the loss is significant: an exact two-sided
paired test on the problems that both runs judged. A sample without a verdict makes every rule undecided.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction

from pytest_humaneval.core.scoring.baseline import Baseline
from pytest_humaneval.core.scoring.paired_difference import SIGNIFICANCE, Difference, difference
from pytest_humaneval.core.scoring.run import Run


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
        p_value: of the exact paired test, two-sided.
        ci95: the 95 % interval of ``delta``.
        detectable: the smallest difference that would be told from chance here.
        test: the paired test's name.
        unmatched: how many problems were not compared: only one of the two judged them.
        differs: what else the two differ in, each in words.
        source: where the baseline was read.
        decision: whether the baseline holds.
    """

    baseline: float
    delta: float
    gained: tuple[str, ...]
    lost: tuple[str, ...]
    p_value: float
    ci95: tuple[float, float]
    detectable: float
    test: str
    unmatched: int
    decision: Decision
    differs: tuple[str, ...] = ()
    source: str = ""

    @property
    def is_distinguishable(self) -> bool:
        """Whether the difference can be told from chance."""
        return self.p_value < SIGNIFICANCE


def check_threshold(run: Run, fail_under: float) -> Decision:
    """Judge a run by a least pass@1 (0 to 1)."""
    if run.undecided:
        return Decision.UNDECIDED
    return Decision.HOLDS if run.pass_at[1] >= fail_under else Decision.FAILS


def compare(run: Run, baseline: Baseline) -> Comparison:
    """Compare a run with its baseline, problem by problem."""
    now, before = run.scores, baseline.scores
    pairs = {task_id: (score, now[task_id]) for task_id in now if (score := before.get(task_id)) is not None}
    found = difference(list(pairs.values())) if pairs else _NOTHING
    delta = sum((new - old for old, new in pairs.values()), Fraction()) / max(1, len(pairs))
    return Comparison(
        baseline=float(sum((old for old, _ in pairs.values()), Fraction()) / max(1, len(pairs))),
        delta=float(delta),
        gained=tuple(task_id for task_id, (old, new) in pairs.items() if new > old),
        lost=tuple(task_id for task_id, (old, new) in pairs.items() if new < old),
        p_value=found.p_value,
        ci95=found.interval,
        detectable=found.detectable,
        test=found.test,
        unmatched=len(now.keys() | before.keys()) - len(pairs),
        differs=baseline.differences(run),
        source=baseline.source,
        decision=_decide(run, len(pairs), delta, found.p_value),
    )


_NOTHING = Difference(1.0, (-1.0, 1.0), 1.0, "none")


def _decide(run: Run, compared: int, delta: Fraction, p_value: float) -> Decision:
    if run.undecided or not compared:
        return Decision.UNDECIDED
    return Decision.FAILS if delta < 0 and p_value < SIGNIFICANCE else Decision.HOLDS


def sum_up(decisions: Iterable[Decision]) -> Decision:
    """Sum up the decisions of a gate: one failure fails it, one doubt or none at all leaves it undecided."""
    decisions = set(decisions)
    for decisive in (Decision.FAILS, Decision.UNDECIDED, Decision.HOLDS):
        if decisive in decisions:
            return decisive
    return Decision.UNDECIDED
