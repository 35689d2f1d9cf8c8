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

WIDE = 200
MEASURED = Run(
    Experiment("one", published=0.543),
    (result(0, "+"), result(1, "-")),
    2,
    generated_tokens=2_000,
    seconds=Seconds(0.5, 0.1, 2.0),
)


def cells(line: str) -> list[str]:
    """The cells of a table's line: two spaces or more lie between them."""
    return [cell.strip() for cell in line.split("  ") if cell.strip()]


def test_a_run_has_a_line_with_its_figures() -> None:
    """Score, interval, published score, rates, times and outcomes."""
    headings, line = run_table([MEASURED], WIDE)

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


def test_tokens_of_completions_from_the_store_make_no_rate() -> None:
    """What this run has not generated says nothing of its speed."""
    headings, _ = run_table([replace(MEASURED, generated_tokens=0)], WIDE)

    assert "tokens/s" not in cells(headings)


def test_a_figure_that_one_run_lacks_is_a_dash_and_one_that_all_lack_has_no_column() -> None:
    """Nothing is made up, and nothing takes room for nothing."""
    headings, _, line = run_table([MEASURED, run_of("+", "two")], WIDE)
    alone, _ = run_table([run_of("+", "two")], WIDE)

    assert cells(line)[4:7] == ["-", "-", "-"]
    assert set(cells(headings)) - set(cells(alone)) == {"published", "tokens/s", "candidates/s"}


@pytest.mark.parametrize("name", ["one", "a_long_name_of_an_experiment_with_a_soft_prompt"])
def test_a_table_fits_80_columns_and_no_word_is_broken(name: str) -> None:
    """The outcomes are below the figures, and so are figures that have no room."""
    results = [result(number, "+-?-+") for number in range(100)]
    run = replace(run_of(results, name), generated_tokens=1, seconds=MEASURED.seconds, repairs=True)
    wide, narrow = run_table([run], WIDE), run_table([run], 80)

    assert max(map(len, narrow)) <= 80
    assert "  200 passed, 200 wrong_answer, 100 infra_error" in narrow
    assert sorted(" ".join(wide).split()) == sorted([*" ".join(narrow).split(), "outcomes"])


def test_many_outcomes_take_several_lines_with_each_count_beside_its_word() -> None:
    """Ten thousand samples of every outcome do not fit on one."""
    samples = [ProblemResult("Test/0", "f", [Sample(i, each) for i in range(9)]) for each in Outcome]
    lines = run_table([run_of(samples)], 80)[2:]

    assert len(lines) > 1
    assert ", ".join(line.strip().removesuffix(",") for line in lines) == ", ".join(
        f"9 {outcome}" for outcome in Outcome
    )


def test_several_samples_are_said_beside_the_solved_problems() -> None:
    """A share of samples beside a number of problems would otherwise look like a contradiction."""
    assert "1/2 solved by any of 3" in cells(run_table([run_of(["+--", "---"])], WIDE)[1])
    assert "1/2 solved by any of 1 to 3" in cells(run_table([run_of(["+--", "-"])], WIDE)[1])


def test_columns_are_aligned() -> None:
    """Each column begins at the same place in every line."""
    lines = run_table([run_of("+", "a_long_name_of_an_experiment"), run_of("+-", "b")], WIDE)

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
        pytest.param(
            replace(run_of("+-"), stored=1), "one: 1 of 2 completions from the store", id="from-the-store"
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
