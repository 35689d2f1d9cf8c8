"""The gate's decision in a line."""

from __future__ import annotations

from collections.abc import Sequence

from pytest_humaneval.core.scoring.gate import Decision
from pytest_humaneval.core.scoring.run import Run


def gate_line(decision: Decision, runs: Sequence[Run]) -> str:
    """Return the gate's decision and the runs' thresholds."""
    if not runs:
        return f"gate: {decision}, since nothing was judged"
    floors = {run.experiment.name: run.experiment.fail_under for run in runs}
    conditions = [f"{name} at least {floor:.1%}" for name, floor in floors.items() if floor is not None]
    if len(conditions) > 1 and len(set(floors.values())) == 1:
        conditions = [f"each experiment at least {next(iter(floors.values())):.1%}"]
    return f"gate: {decision} (pass@1 of {', of '.join(conditions)})" if conditions else f"gate: {decision}"
