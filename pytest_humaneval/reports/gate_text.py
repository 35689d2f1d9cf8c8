"""The gate's decision in a line: over what, and by which figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from pytest_humaneval.core.scoring.gate import Comparison, Decision, check_threshold
from pytest_humaneval.core.scoring.gate_score import ONE_SAMPLE, gate_score
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
            score = gate_score(run)
            yield f"{name} {_named(score.name)}{_below(score.value or 0.0, floor)}"
        comparison = session.comparisons.get(name)
        if comparison and comparison.decision is Decision.FAILS:
            yield f"{name} {_worse(comparison)}"


def _worse(comparison: Comparison) -> str:
    now = comparison.baseline + comparison.delta
    score = f"{_named(comparison.score)}{now:.1%}"
    return f"{score} after {comparison.baseline:.1%} in the baseline (p = {comparison.p_value:.3g})"


def _named(score: str) -> str:
    """Return what stands before a score that is not pass@1."""
    return "" if score == ONE_SAMPLE else f"{score} "


def _below(score: float, floor: float) -> str:
    """Return both with as many digits as it takes to see which one is less."""
    enough = (digits for digits in range(1, 16) if f"{score:.{digits}%}" != f"{floor:.{digits}%}")
    digits = next(enough, 16)
    return f"{score:.{digits}%} below {floor:.{digits}%}"


def _thresholds(runs: Sequence[Run]) -> str:
    floors: dict[str, dict[str, float]] = {}
    for run in runs:
        if run.experiment.fail_under is not None:
            floors.setdefault(gate_score(run).name, {})[run.experiment.name] = run.experiment.fail_under
    texts = [
        f"{score} of {', of '.join(_conditions(of_runs, len(runs)))}" for score, of_runs in floors.items()
    ]
    return f" ({'; '.join(texts)})" if texts else ""


def _conditions(floors: Mapping[str, float], runs: int) -> list[str]:
    if runs == len(floors) > 1 and len(set(floors.values())) == 1:
        return [f"each experiment at least {next(iter(floors.values())):.1%}"]
    return [f"{name} at least {floor:.1%}" for name, floor in floors.items()]
