"""Properties of the test suite in a JUnit XML file: the figures of the whole session."""

from __future__ import annotations

from collections.abc import Iterator

from pytest_humaneval.core.datasets.dataset import HUMANEVAL
from pytest_humaneval.core.scoring.gate_score import gate_score
from pytest_humaneval.core.scoring.repaired import repair_figures
from pytest_humaneval.core.scoring.run import Run
from pytest_humaneval.core.scoring.selected import rounds_text
from pytest_humaneval.core.scoring.session_summary import SessionSummary


def properties(session: SessionSummary) -> Iterator[tuple[str, str]]:
    """Yield names and values: each experiment's figures, and the gate's decision."""
    # repr is the shortest text from which the same float is read.
    for run in session.runs:
        prefix = f"humaneval.{run.experiment.name}"
        scores = {k: repr(value) if run.has_score else "-" for k, value in run.pass_at.items()}
        yield from ((f"{prefix}.pass@{k}", score) for k, score in scores.items())
        if run.dataset != HUMANEVAL:
            yield f"{prefix}.dataset", run.dataset
        if run.has_base_tests:
            score = run.pass_at_1_base
            yield f"{prefix}.pass@1_base", "-" if score is None else repr(score)
            yield f"{prefix}.passed_base", f"{run.base_passed}/{run.selected}"
        yield from _selected(prefix, run)
        yield from _repaired(prefix, run)
        yield f"{prefix}.passed", f"{run.passed}/{run.selected}"
        yield f"{prefix}.undecided", str(run.undecided)
        if comparison := session.comparisons.get(run.experiment.name):
            yield f"{prefix}.compared_by", comparison.score
            yield f"{prefix}.delta", repr(comparison.delta)
            yield f"{prefix}.p_value", repr(comparison.p_value)
        if session.decision is not None and run.experiment.fail_under is not None:
            yield f"{prefix}.gate_on", gate_score(run).name
    if session.decision is not None:
        yield "humaneval.gate", session.decision.value


def _selected(prefix: str, run: Run) -> Iterator[tuple[str, str]]:
    figures = run.selected_figures
    if figures is not None:
        yield f"{prefix}.selected@1", "-" if figures.score is None else repr(figures.score)
        yield f"{prefix}.selected@1.of", figures.of
        yield f"{prefix}.selected@1.by", ",".join(figures.ways)


def _repaired(prefix: str, run: Run) -> Iterator[tuple[str, str]]:
    if figures := repair_figures(run):
        yield f"{prefix}.pass@1 after {rounds_text(figures.rounds)}", repr(figures.score)
