"""What choosing among samples came to, in words, the same in every report that people read."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_humaneval.core.scoring.run import Run
from pytest_humaneval.core.scoring.selected import SelectedFigures

SELECTED = "selected@1"
"""The heading of the score of the chosen samples."""


def selected_cell(run: Run) -> str:
    """Return selected@1 and among how many samples was chosen; "-" where there is no such score."""
    figures = run.selected_figures
    if figures is None or figures.score is None:
        return "-"
    return f"{figures.score:.1%} of {figures.of}{figures.after}"


def selected_notes(run: Run) -> Iterator[str]:
    """Yield lines on a choice: its score beside others, what it cost, and what makes it doubtful."""
    figures = run.selected_figures
    if figures is not None:
        yield from (f"{run.experiment.name}: {line}" for line in _lines(figures))
        if run.has_base_tests and figures.base_score is not None:
            low, high = figures.base_interval
            score = f"{figures.base_score:.1%} ({low:.1%} - {high:.1%})"
            yield f"{run.experiment.name}: {figures.name} by the base tests alone: {score}"


def paired_text(figures: SelectedFigures) -> str:
    """Return how the chosen samples compare with the first ones."""
    found = figures.difference
    if found is None:
        return "no problem has a verdict on both the first and the chosen sample"
    flips = f"+{len(figures.gained)}/-{len(figures.lost)} problems against the first sample"
    return f"{flips}, p = {found.p_value:.3g} ({found.test}, exact)"


def spent_text(figures: SelectedFigures) -> str:
    """Return what the samples cost; tokens only where they were counted."""
    tokens = figures.prompt_tokens + figures.completion_tokens
    samples = f"{figures.samples:,} samples"
    if not tokens:
        return samples
    return f"{samples}, {figures.prompt_tokens:,} tokens read and {figures.completion_tokens:,} written"


def _lines(figures: SelectedFigures) -> Iterator[str]:
    low, high = figures.interval
    score = "no verdict" if figures.score is None else f"{figures.score:.1%} ({low:.1%} - {high:.1%})"
    yield (
        f"{figures.name} by {', '.join(figures.ways)}: {score}; one sample {figures.one_sample:.1%}, "
        f"{figures.oracle_name} {figures.oracle:.1%}; {paired_text(figures)}; {spent_text(figures)}"
    )
    if lost := figures.undecided:
        low, high = figures.bounds
        yield (
            f"{lost} of {len(figures.results)} problems have a sample that could not be judged, or not be "
            "tried on the examples, and might have been chosen: "
            f"selected@1 is between {low:.1%} and {high:.1%}"
        )
    if silent := figures.without_examples:
        yield f"the prompts of {silent} of {len(figures.results)} problems show no example that could be run"
