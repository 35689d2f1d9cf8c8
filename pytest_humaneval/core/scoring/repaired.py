"""What repair rounds made of a run: its score after them, and what they cost.

The first answers keep their score, pass@1; the one after the rounds is of the answers that were kept, which
was decided by the examples of the prompts alone (``Sample.final``).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from pytest_humaneval.core.records import Outcome
from pytest_humaneval.core.results import ProblemResult, Sample
from pytest_humaneval.core.scoring.metrics import Counts, interval95, mean_pass_at_k
from pytest_humaneval.core.scoring.run import Run


@dataclass(frozen=True)
class RepairFigures:
    """The figures of a run after its repair rounds.

    Attributes:
        rounds: how many a sample may have had; of recorded samples without such a setting, the most it had.
        scores: pass@1 of every problem after the rounds by task id, exactly.
        score: pass@1 after the rounds: the mean of ``scores``.
        interval: its 95 % interval.
        gained: task ids of which more samples pass after the rounds than before.
        lost: task ids of which fewer do: a passing answer was given up for one that passed more examples.
        requests: how many further answers there were, over all samples.
        prompt_tokens: tokens that were read for them.
        completion_tokens: tokens that were written in them.
    """

    rounds: int
    scores: dict[str, Fraction]
    score: float
    interval: tuple[float, float]
    gained: list[str]
    lost: list[str]
    requests: int
    prompt_tokens: int
    completion_tokens: int


def repair_figures(run: Run) -> RepairFigures | None:
    """Return the figures after a run's repair rounds; None where it had none, or has no score."""
    attempts = [attempt for sample in run.samples for attempt in sample.rounds]
    repair = run.experiment.repair
    # Recorded samples ask no model: without rounds of their own there were none, whatever is configured.
    if not run.has_score or (not attempts and (repair is None or run.is_recorded)):
        return None
    counts = [_counts_after(result) for result in run.results]
    before = run.scores
    scores = {result.task_id: Fraction(c, n) for result, (n, c) in zip(run.results, counts, strict=True)}
    return RepairFigures(
        rounds=repair.rounds if repair else max(len(sample.rounds) for sample in run.samples),
        scores=scores,
        score=mean_pass_at_k(counts, 1),
        interval=interval95(counts),
        gained=[task_id for task_id, score in scores.items() if score > before[task_id]],
        lost=[task_id for task_id, score in scores.items() if score < before[task_id]],
        requests=len(attempts),
        prompt_tokens=sum(attempt.prompt_tokens for attempt in attempts),
        completion_tokens=sum(attempt.completion_tokens for attempt in attempts),
    )


def _counts_after(result: ProblemResult) -> Counts:
    return len(result.figures), sum(map(_passes_after, result.figures))


def _passes_after(sample: Sample) -> bool:
    return sample.final.outcome is Outcome.PASSED
