"""The gate's decision in a line."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pytest_humaneval.core.config.experiment import Experiment
from pytest_humaneval.core.scoring.gate import Decision
from pytest_humaneval.reports.gate_text import gate_line
from tests.support.records_made import run_of


@pytest.mark.parametrize(
    ("floors", "expected"),
    [
        ([None, None], "gate: fails"),
        ([0.543, None], "gate: fails (pass@1 of a at least 54.3%)"),
        ([0.5, 0.5], "gate: fails (pass@1 of each experiment at least 50.0%)"),
        ([0.5, 0.6], "gate: fails (pass@1 of a at least 50.0%, of b at least 60.0%)"),
    ],
)
def test_the_gate_line_has_the_decision_and_the_thresholds(floors: list[float | None], expected: str) -> None:
    """A reader of a CI log sees what the gate demands."""
    runs = [
        replace(run_of("+"), experiment=Experiment(name, fail_under=floor))
        for name, floor in zip("ab", floors, strict=True)
    ]

    assert gate_line(Decision.FAILS, runs) == expected
