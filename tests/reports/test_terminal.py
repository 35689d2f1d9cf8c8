"""The terminal summary."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from pytest_humaneval.core.config.experiment import Experiment
from pytest_humaneval.core.config.model_server import Server
from pytest_humaneval.core.records import Outcome
from pytest_humaneval.core.results import ProblemResult, Sample
from pytest_humaneval.core.scoring.baseline import Baseline
from pytest_humaneval.core.scoring.gate import compare
from pytest_humaneval.core.scoring.run import Run, Seconds
from pytest_humaneval.reports.terminal import experiment_table, notes, run_table
from tests.support.records_made import REPAIR, result, run_of


def cells(line: str) -> list[str]:
    """The cells of a table's line: two spaces or more lie between them."""
    return [cell.strip() for cell in line.split("  ") if cell.strip()]


def test_a_run_has_a_line_with_its_figures() -> None:
    """Score, interval, published score, rates, times and outcomes."""
    samples = [
        Sample(0, outcome, completion_tokens=1_000) for outcome in (Outcome.PASSED, Outcome.WRONG_ANSWER)
    ]
    results = tuple(ProblemResult(f"Test/{i}", "f", (each,)) for i, each in enumerate(samples))
    run = Run(Experiment("one", published=0.543), results, 2, seconds=Seconds(0.5, 0.1, 2.0))

    headings, line = run_table([run])

    assert dict(zip(cells(headings), cells(line), strict=True)) == {
        "experiment": "one",
        "pass@1": "50.0%",
        "95% interval": "9.5% - 90.5%",
        "passed": "1/2",
        "published": "54.3%",
        "tokens/s": "4,000",
        "candidates/s": "1",
        "wall": "2.0 s",
        "outcomes": "1 passed, 1 wrong_answer",
    }


def test_unknown_figures_are_dashes() -> None:
    """No published score, no tokens, no time: nothing is made up."""
    line = cells(run_table([run_of("+")])[1])

    assert line[4:7] == ["-", "-", "-"]


def test_columns_are_aligned() -> None:
    """Each column begins at the same place in every line."""
    lines = run_table([run_of("+", "a_long_name_of_an_experiment"), run_of("+-", "b")])

    assert (
        len(
            {line.index("%") - len(cells(line)[1].rstrip("%")) for line in lines[1:]}
            | {lines[0].index("pass@1")}
        )
        == 1
    )


def test_experiments_are_listed_with_what_they_are() -> None:
    """Without a model there is no API, strategy or post-processing to list."""
    server = Server("http://h/v1", "some/model")
    one = Experiment(
        "one", server=server, strategy="s", postprocess=("drop_reasoning", "choose_code"), enabled=False
    )

    lines = experiment_table([one, Experiment("canonical", provider="canonical")])

    assert [cells(line) for line in lines] == [
        ["name", "enabled", "api", "strategy", "post-processing", "model"],
        ["one", "no", "chat", "s", "drop_reasoning+choose_code", "some/model"],
        ["canonical", "yes", "-", "-", "-", "canonical"],
    ]


def test_a_plain_run_needs_no_notes() -> None:
    """There are notes only for what a reader must not overlook."""
    assert list(notes([run_of("+-")], {})) == []


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        pytest.param(run_of("+", selected=3), "one: 2 of 3 problems were not reached", id="stopped"),
        pytest.param(
            run_of("+-?-"),
            "one: 1 of 4 samples have no verdict (infra_error): pass@1 is between 25.0% and 50.0%",
            id="no-verdict",
        ),
        pytest.param(
            replace(run_of("+"), not_sampled=163),
            "one: 163 problems have no line in the samples file and were not run",
            id="not-sampled",
        ),
        pytest.param(
            run_of([result(0, "r", (REPAIR,)), "+"]),
            "one: 1 pass only after repair steps (Test/0); the model's own pass@1 is 50.0%",
            id="repaired",
        ),
        pytest.param(run_of(["+-", "--"]), "one: pass@1 25.0%, pass@2 50.0%", id="several-samples"),
    ],
)
def test_everything_doubtful_has_a_note(run: Run, expected: str) -> None:
    """One line each, with the experiment's name in front."""
    assert list(notes([run], {})) == [expected]


def test_a_comparison_lists_every_flip_up_to_a_screenful() -> None:
    """The first twenty by name, the rest as a count; and how many were not compared."""
    run = run_of("-" * 25 + "+")
    before: dict[str, Fraction | None] = {f"Test/{number}": Fraction(1) for number in range(25)}
    before |= {"Test/25": Fraction(0), "Test/99": Fraction(1)}

    lines = list(notes([], {"one": compare(run, Baseline(before, source="main.json"))}))

    assert lines[0] == "one: worse than the baseline: 3.8% after 96.2% in main.json"
    assert lines[1].startswith("  -92.3 points (95% interval ")
    assert lines[1].endswith(", +1/-25 problems, p = 8.05e-07 (McNemar, exact)")
    assert lines[2] == "  gained: Test/25"
    assert lines[3].startswith("  lost: Test/0, Test/1, ")
    assert lines[3].endswith("Test/19 and 5 more")
    assert lines[4:] == ["  compared on 26 of 27 problems; 1 were judged in only one of the two"]


def test_a_difference_that_is_not_significant_is_marked() -> None:
    """The notes name the smallest significant difference, and the settings that differ."""
    run = replace(run_of("+" * 5 + "-" * 95), manifest={"model": "b", "n": 1})
    before = Baseline(dict.fromkeys((f"Test/{i}" for i in range(100)), Fraction(0)), {"model": "a", "n": 1})

    lines = list(notes([], {"one": compare(run, before)}))

    assert lines[0] == "one: not distinguishable from the baseline: 5.0% after 0.0%"
    assert lines[1].endswith("+5/-0 problems, p = 0.0625 (McNemar, exact)")
    assert lines[3:] == [
        "  a difference of less than 6.0 points would not be significant with so many problems",
        "  different settings: model: 'a' then, 'b' now",
    ]
