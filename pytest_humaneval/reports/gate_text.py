"""The gate's decision in a line: over what, and by which figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pytest_humaneval.core.scoring.gate import Comparison, Decision, check_threshold
from pytest_humaneval.core.scoring.run import Run
from pytest_humaneval.core.scoring.session_summary import SessionSummary
from pytest_humaneval.reports.score_text import base_cell


def gate_line(session: SessionSummary) -> str:
    """Return the gate's decision; where it fails, why; else the runs' thresholds."""
    runs = session.runs
    if not runs:
        return f"gate: {session.decision}, since nothing was judged"
    line = f"gate: {session.decision}{_over(runs)}"
    if session.decision is Decision.FAILS:
        return f"{line}: {', '.join(_failures(session))}"
    return f"{line}{_thresholds(runs)}"


def base_lines(runs: Sequence[Run]) -> Iterator[str]:
    """Yield a line that says what the base tests alone would have, beside a gate; none without such tests."""
    figures = [f"{run.experiment.name} {base_cell(run)}" for run in runs if run.has_base_tests]
    if figures:
        yield f"gate: base and plus tests decide; pass@1 by the base tests alone: {', '.join(figures)}"


def _over(runs: Sequence[Run]) -> str:
    """Say over how many problems the gate decides, where those are not all."""
    parts = {run.experiment.name: f"{len(run.results)} of {run.scorable} problems" for run in runs}
    if not any(run.is_subset for run in runs):
        return ""
    if len(set(parts.values())) == 1:
        return f" over {next(iter(parts.values()))}"
    return " over " + ", ".join(f"{part} in {name}" for name, part in parts.items())


def _failures(session: SessionSummary) -> Iterator[str]:
    for run in session.runs:
        name, floor = run.experiment.name, run.experiment.fail_under
        if floor is not None and check_threshold(run, floor) is Decision.FAILS:
            yield f"{name} {_below(run.pass_at[1], floor)}"
        comparison = session.comparisons.get(name)
        if comparison and comparison.decision is Decision.FAILS:
            yield f"{name} {_worse(comparison)}"


def _worse(comparison: Comparison) -> str:
    now = comparison.baseline + comparison.delta
    return f"{now:.1%} after {comparison.baseline:.1%} in the baseline (p = {comparison.p_value:.3g})"


def _below(score: float, floor: float) -> str:
    """Return both with as many digits as it takes to see which one is less."""
    enough = (digits for digits in range(1, 16) if f"{score:.{digits}%}" != f"{floor:.{digits}%}")
    digits = next(enough, 16)
    return f"{score:.{digits}%} below {floor:.{digits}%}"


def _thresholds(runs: Sequence[Run]) -> str:
    floors = {run.experiment.name: run.experiment.fail_under for run in runs}
    conditions = [f"{name} at least {floor:.1%}" for name, floor in floors.items() if floor is not None]
    if len(conditions) > 1 and len(set(floors.values())) == 1:
        conditions = [f"each experiment at least {next(iter(floors.values())):.1%}"]
    return f" (pass@1 of {', of '.join(conditions)})" if conditions else ""
