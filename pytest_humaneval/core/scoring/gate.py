"""The gate: decide whether a CI job may accept a run.

A threshold holds if the score that the gate is on reaches it. A baseline holds unless the loss is
significant: an exact two-sided paired test on the problems that both runs judged. A sample without a verdict
makes every rule undecided.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction

from pytest_humaneval.core.scoring.baseline import Baseline, ReportEntry
from pytest_humaneval.core.scoring.flips import paired_scores
from pytest_humaneval.core.scoring.gate_score import ONE_SAMPLE, SELECTED, gate_score
from pytest_humaneval.core.scoring.paired_difference import SIGNIFICANCE, Difference, difference
from pytest_humaneval.core.scoring.run import Run


class Decision(str, Enum):
    """The decision of a gate; the value is the word in reports."""

    HOLDS = "holds"
    FAILS = "fails"
    UNDECIDED = "undecided"

    @property
    def exit_status(self) -> int:
        """The exit status of a process that ends with this decision."""
        # 2 to 5 are pytest's own: https://docs.pytest.org/en/stable/reference/exit-codes.html
        return {Decision.HOLDS: 0, Decision.FAILS: 1, Decision.UNDECIDED: 6}[self]

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True)
class Comparison:
    """A run compared with its baseline, on the problems that both judged.

    Attributes:
        baseline: the baseline's score on those problems.
        delta: the run's score on them minus the baseline's.
        gained: task ids that score higher now; with one sample per problem, those that pass only now.
        lost: task ids that score lower now.
        p_value: of the exact paired test, two-sided (McNemar's; with several samples a problem the sign-flip
            permutation test).
        ci95: the 95 % interval of ``delta``.
        detectable: the smallest difference that would be significant here.
        test: the paired test's name.
        unmatched: how many problems were not compared, since only one of the two judged them.
        compared: how many problems were compared.
        problems: how many there are, with those of the dataset that neither judged.
        differs: a description of every other difference between the two.
        source: the report that the baseline was read from.
        base: pass@1 by the base tests alone, in the baseline and in the run, on the problems that both
            judged by them; None where the dataset has no further tests. It decides nothing.
        score: the name of the score that is compared: ``pass@1``, or such as ``selected@1 of 10``.
        selected: selected@1 in the baseline and in the run, beside pass@1, on the problems that have it in
            both; None where there are none. It decides nothing.
        entry: where the baseline's samples can be read; None where it was not read from a file.
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
    compared: int
    problems: int
    decision: Decision
    differs: tuple[str, ...] = ()
    source: str = ""
    base: tuple[float, float] | None = None
    score: str = ONE_SAMPLE
    selected: tuple[float, float] | None = None
    entry: ReportEntry | None = None

    @property
    def is_distinguishable(self) -> bool:
        """Whether the difference is significant."""
        return self.p_value < SIGNIFICANCE


def check_threshold(run: Run, fail_under: float) -> Decision:
    """Decide whether the score that a run's gate is on reaches ``fail_under`` (0 to 1)."""
    score = gate_score(run)
    # Even where the bounds of the score would settle it: trouble of the harness must never look like a
    # decision.
    if score.has_doubts or score.value is None:
        return Decision.UNDECIDED
    return Decision.HOLDS if score.value >= fail_under else Decision.FAILS


def compare(run: Run, baseline: Baseline, on: str | None = None) -> Comparison:
    """Compare a run with its baseline, problem by problem.

    Args:
        run: the run.
        baseline: what it is compared with.
        on: by which score; by default what the run's experiment says of its gate.
    """
    score = gate_score(run, on)
    is_on_selected = score.name != ONE_SAMPLE
    now, before = score.scores, baseline.selected_scores if is_on_selected else baseline.scores
    # Scores are Fractions, so 1/2 and 2/4 are the same and no sum is rounded before it is compared.
    pairs = paired_scores(before, now)
    found = difference(list(pairs.values())) if pairs else _NOTHING
    delta = sum((new - old for old, new in pairs.values()), Fraction()) / max(1, len(pairs))
    judged = len(now.keys() | before.keys())
    return Comparison(
        baseline=float(sum((old for old, _ in pairs.values()), Fraction()) / max(1, len(pairs))),
        delta=float(delta),
        gained=tuple(task_id for task_id, (old, new) in pairs.items() if new > old),
        lost=tuple(task_id for task_id, (old, new) in pairs.items() if new < old),
        p_value=found.p_value,
        ci95=found.interval,
        detectable=found.detectable,
        test=found.test,
        unmatched=judged - len(pairs),
        compared=len(pairs),
        problems=max(judged, run.scorable),
        differs=baseline.differences(run, is_on_selected=is_on_selected),
        source=baseline.source,
        entry=baseline.entry,
        base=None if is_on_selected else _base(run, baseline),
        score=score.name,
        selected=None if is_on_selected else _selected(run, baseline),
        decision=_decide(len(pairs), delta, found.p_value, has_doubts=score.has_doubts),
    )


def _base(run: Run, baseline: Baseline) -> tuple[float, float] | None:
    pairs = paired_scores(baseline.base_scores, run.base_scores) if run.has_base_tests else {}
    return _means(list(pairs.values()))


def _selected(run: Run, baseline: Baseline) -> tuple[float, float] | None:
    pairs = paired_scores(baseline.selected_scores, gate_score(run, SELECTED).scores)
    return _means(list(pairs.values()))


def _means(pairs: Sequence[tuple[Fraction, Fraction]]) -> tuple[float, float] | None:
    if not pairs:
        return None
    before, now = (sum(scores, Fraction()) / len(pairs) for scores in zip(*pairs, strict=True))
    return float(before), float(now)


_NOTHING = Difference(1.0, (-1.0, 1.0), 1.0, "none")


def _decide(compared: int, delta: Fraction, p_value: float, *, has_doubts: bool) -> Decision:
    if has_doubts or not compared:
        return Decision.UNDECIDED
    return Decision.FAILS if delta < 0 and p_value < SIGNIFICANCE else Decision.HOLDS


def sum_up(decisions: Iterable[Decision]) -> Decision:
    """Combine the decisions of a gate: a failure decides, then an undecided one; without any, undecided."""
    decisions = set(decisions)
    for decisive in (Decision.FAILS, Decision.UNDECIDED, Decision.HOLDS):
        if decisive in decisions:
            return decisive
    return Decision.UNDECIDED
