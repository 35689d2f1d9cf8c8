"""The gate's decision in a line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import pytest

from pytest_humaneval.core.config.experiment import Experiment
from pytest_humaneval.core.scoring.baseline import Baseline
from pytest_humaneval.core.scoring.gate import Decision, compare
from pytest_humaneval.core.scoring.run import Run
from pytest_humaneval.core.scoring.session_summary import SessionSummary
from pytest_humaneval.reports.gate_text import gate_line
from tests.support.records_made import run_of


def runs_with(floors: Sequence[float | None], letters: str = "+", scorable: int = 0) -> list[Run]:
    """Return runs called a, b and so on, with these thresholds."""
    return [
        replace(run_of(letters), experiment=Experiment(name, fail_under=floor), scorable=scorable)
        for name, floor in zip("abc", floors, strict=False)
    ]


@pytest.mark.parametrize(
    ("floors", "expected"),
    [
        ([None, None], "gate: holds"),
        ([0.543, None], "gate: holds (pass@1 of a at least 54.3%)"),
        ([0.5, 0.5], "gate: holds (pass@1 of each experiment at least 50.0%)"),
        ([0.5, 0.6], "gate: holds (pass@1 of a at least 50.0%, of b at least 60.0%)"),
    ],
)
def test_the_gate_line_has_the_decision_and_the_thresholds(floors: list[float | None], expected: str) -> None:
    """A reader of a CI log sees what the gate demands."""
    assert gate_line(SessionSummary(runs_with(floors), {}, Decision.HOLDS)) == expected


@pytest.mark.parametrize(
    ("floors", "letters", "expected"),
    [
        ([0.543, None], "+-------", "gate: fails: a 12.5% below 54.3%"),
        ([0.1, 0.9], "+-", "gate: fails: b 50.0% below 90.0%"),
        ([0.667], "++-", "gate: fails: a 66.67% below 66.70%"),
    ],
)
def test_a_failing_gate_names_the_experiment_and_its_figure(
    floors: list[float | None], letters: str, expected: str
) -> None:
    """Those that reach their threshold are not named; enough digits show which figure is less."""
    assert gate_line(SessionSummary(runs_with(floors, letters), {}, Decision.FAILS)) == expected


def test_a_failing_comparison_is_named() -> None:
    """The figures then and now, and how significant the loss is."""
    run = run_of("------")
    comparison = compare(run, Baseline({f"Test/{number}": Fraction(1) for number in range(6)}))

    assert gate_line(SessionSummary([run], {"one": comparison}, Decision.FAILS)) == (
        "gate: fails: one 0.0% after 100.0% in the baseline (p = 0.0312)"
    )


def test_a_gate_over_a_subset_says_over_what() -> None:
    """One figure where all experiments have the same, else one for each."""
    same, (other,) = runs_with([0.5, 0.5], scorable=164), runs_with([0.5], "++")

    assert gate_line(SessionSummary(same, {}, Decision.HOLDS)) == (
        "gate: holds over 1 of 164 problems (pass@1 of each experiment at least 50.0%)"
    )
    assert gate_line(SessionSummary([same[1], replace(other, scorable=2)], {}, Decision.HOLDS)) == (
        "gate: holds over 1 of 164 problems in b, 2 of 2 problems in a "
        "(pass@1 of each experiment at least 50.0%)"
    )
