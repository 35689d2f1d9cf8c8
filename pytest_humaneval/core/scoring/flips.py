"""The problems whose score changed from one run to another, and whether that may be chance."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from pytest_humaneval.core.scoring.baseline import Scores
from pytest_humaneval.core.scoring.paired_difference import Pair, sign_flip_p


@dataclass(frozen=True)
class Flips:
    """What changed on the problems that both runs judged.

    Attributes:
        gained: task ids that score higher now.
        lost: task ids that score lower now.
        p_value: of the exact paired test, two-sided.
    """

    gained: tuple[str, ...]
    lost: tuple[str, ...]
    p_value: float


def flips(before: Scores, now: Scores) -> Flips | None:
    """Return what changed; None where the two have judged no problem in common."""
    pairs = paired_scores(before, now)
    if not pairs:
        return None
    changes: dict[str, Fraction] = {task_id: new - old for task_id, (old, new) in pairs.items()}
    return Flips(
        tuple(task_id for task_id, change in changes.items() if change > 0),
        tuple(task_id for task_id, change in changes.items() if change < 0),
        sign_flip_p(list(changes.values())),
    )


def paired_scores(before: Scores, now: Scores) -> dict[str, Pair]:
    """Return both scores, before and now, of each problem that both judged."""
    return {
        task_id: (old, new)
        for task_id, new in now.items()
        if new is not None and (old := before.get(task_id)) is not None
    }
