"""HTML reports for tests, written from small records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from pytest_humaneval.core.config.settings import Settings
from pytest_humaneval.core.records import Message, Outcome
from pytest_humaneval.core.results import ProblemResult, Sample
from pytest_humaneval.core.scoring.baseline import Baseline
from pytest_humaneval.core.scoring.gate import Comparison, compare
from pytest_humaneval.core.scoring.run import Run
from pytest_humaneval.reports.failure_card import FailureCard, failure_card
from pytest_humaneval.reports.html.report import Page, write
from tests.support.browsing import Browser
from tests.support.records_made import FORMAT, problem, result, run_of

_SETTINGS = Settings(Path("/project"), experiments=("all",))


def card_of(experiment: str, result: ProblemResult) -> FailureCard:
    """Return the card of a result of Test/N."""
    row = replace(problem(int(result.task_id.rpartition("/")[2])), task_id=result.task_id)
    return failure_card(result, row, experiment, _SETTINGS, (Message("user", f"Solve {result.task_id}."),))


def write_page(
    folder: Path,
    *runs: Run,
    comparisons: Mapping[str, Comparison] | None = None,
    gate: str | None = None,
    notes: Sequence[str] = (),
) -> Path:
    """Write a report of these runs and return its path."""
    path = folder / "report.html"
    write(path, Page(runs, comparisons or {}, card_of, gate, notes))
    return path


FAILED = Sample(
    0,
    Outcome.EXCEPTION,
    raw="I think:\n```python\ndef f():\n    return 1 / 0\n```",
    solution="def f():\n    return 1 / 0\n",
    steps=(FORMAT,),
    message="ZeroDivisionError: division by zero",
    seconds=0.25,
    finish_reason="stop",
    completion_tokens=12,
    failing_line=2,
    output="printed before\n",
)
WRONG = Sample(
    0,
    Outcome.WRONG_ANSWER,
    "raw",
    "def f(): return 9\n",
    message="assert f() == 2\n  actual:   9\n  expected: 2",
)


def one_of(number: int, sample: Sample, entry_point: str = "f") -> ProblemResult:
    """Return the result of a problem with this sample only."""
    return ProblemResult(f"Test/{number}", entry_point, (sample,))


@pytest.fixture
def two_experiments(tmp_path: Path) -> Path:
    """A report of two experiments: Test/1 raises, Test/2 is wrong in the first only, the rest passes."""
    shared: list[ProblemResult | str] = ["+", one_of(1, FAILED, "divide")]
    return write_page(
        tmp_path,
        run_of([*shared, one_of(2, WRONG), "+"], "first"),
        run_of([*shared, "+", "+"], "second"),
    )


@pytest.fixture
def colourful(tmp_path: Path) -> Path:
    """A report with every outcome, several samples, three experiments, a baseline, a gate and notes."""
    results = [
        one_of(number, replace(FAILED, outcome=outcome, seconds=10.0**-number))
        for number, outcome in enumerate(Outcome)
    ]
    many = [result(number, "+-?" * 2) for number in range(len(results))]
    run, other = run_of(results, "an_experiment_with_quite_a_long_name_as_they_are"), run_of(many, "many")
    third = run_of([result(number, "+-" if number % 2 else "--") for number in range(len(results))], "third")
    run = replace(run, experiment=replace(run.experiment, fail_under=0.5))
    baseline = Baseline({f"Test/{n}": Fraction(n % 2) for n in range(9)})
    return write_page(
        tmp_path,
        replace(run, repairs=True, manifest={"sha": "0123456789abcdef" * 8}),
        other,
        third,
        comparisons={run.experiment.name: compare(run, baseline)},
        gate="fails",
        notes=["something that a reader must not overlook, at some length " * 3],
    )


def open_card(browser: Browser, name: str) -> None:
    """Click a cell of the grid by its name."""
    browser.one(f'#grid button[aria-label="{name}"]').click()
    browser.await_script("return document.querySelector('#card-body section') !== null")


def press_chip(browser: Browser, name: str) -> None:
    """Press one of the filters."""
    (chip,) = [chip for chip in browser.all(".chip") if chip.text.startswith(name)]
    chip.click()
