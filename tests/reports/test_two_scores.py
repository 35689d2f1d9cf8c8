"""Every report of a run on another dataset than HumanEval: its name, and the score by the base tests."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from pytest_humaneval.api.report_files import read_report
from pytest_humaneval.api.run import public
from pytest_humaneval.core.config.experiment import Experiment
from pytest_humaneval.core.config.settings import Settings
from pytest_humaneval.core.problem import Cases
from pytest_humaneval.core.records import Outcome
from pytest_humaneval.core.results import ProblemResult, Sample
from pytest_humaneval.core.scoring.baseline import baseline_of
from pytest_humaneval.core.scoring.gate import Decision, compare
from pytest_humaneval.core.scoring.session_summary import SessionSummary
from pytest_humaneval.reports import json_report
from pytest_humaneval.reports.compact_failure import compact_text
from pytest_humaneval.reports.comparison_text import comparison_lines
from pytest_humaneval.reports.dataset_text import cases_text, heading
from pytest_humaneval.reports.failure_card import FailureCard, failure_card
from pytest_humaneval.reports.failure_text import failure_text
from pytest_humaneval.reports.gate_text import base_lines
from pytest_humaneval.reports.github import commands, job_summary
from pytest_humaneval.reports.html import card_data, page_data
from pytest_humaneval.reports.html.highlighting import Highlighter
from pytest_humaneval.reports.junit import properties
from pytest_humaneval.reports.mlflow import metrics, parameters
from pytest_humaneval.reports.terminal import notes, run_table
from tests.reports.test_terminal import WIDE, cells
from tests.support.pages import write_page
from tests.support.records_made import plus_problem, plus_run, result, run_of

PLUS = plus_run("+b--", "two")
MANIFEST = {"model": "m", "dataset_sha256": "0" * 64, "versions": {}}
FAILED = Sample(
    0,
    Outcome.WRONG_ANSWER,
    solution="def f():\n    return 4\n",
    message="plus input 2 of 3: f(1)\nreturned 4\nexpected 5",
    base_outcome=Outcome.PASSED,
)


def card(*samples: Sample) -> FailureCard:
    """The card of Test/0 of HumanEval+ with these samples."""
    settings = Settings(Path("/project"), experiments=("one",))
    return failure_card(
        ProblemResult("Test/0", "f", samples), plus_problem(0), "one", settings, dataset="humaneval+"
    )


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ([], "HumanEval"),
        (["humaneval", "humaneval"], "HumanEval"),
        (["mbpp+"], "mbpp+"),
        (["mbpp+", "humaneval", "mbpp+"], "mbpp+, HumanEval"),
    ],
)
def test_the_title_is_what_was_run(names: list[str], expected: str) -> None:
    """HumanEval does not stand over results of MBPP."""
    assert heading(names) == expected


def test_the_table_has_both_scores_side_by_side() -> None:
    """The score by the base tests stands right of pass@1."""
    headings, line = run_table([PLUS], WIDE)

    assert cells(headings)[:3] == ["experiment", "pass@1", "base"]
    assert cells(line)[:3] == ["two", "25.0%", "50.0%"]


def test_several_datasets_are_a_column_of_the_table() -> None:
    """A run without a second score has a dash, and HumanEval alone has neither column."""
    headings, one, two = run_table([run_of("+"), PLUS], WIDE)

    assert cells(headings)[:4] == ["experiment", "dataset", "pass@1", "base"]
    assert cells(one)[:4] == ["one", "humaneval", "100.0%", "-"]
    assert cells(two)[:4] == ["two", "humaneval+", "25.0%", "50.0%"]
    assert not {"dataset", "base"} & set(cells(run_table([run_of("+")], WIDE)[0]))


def test_a_note_says_what_the_plus_tests_cost() -> None:
    """A reader sees which score is which; where they cost nothing, there is nothing to say."""
    assert list(notes([PLUS], {})) == [
        "two: pass@1 counts base and plus tests; by the base tests alone it is 50.0% (15.0% - 85.0%): "
        "1 more problem"
    ]
    assert list(notes([plus_run("+-")], {})) == []


def test_a_published_score_of_another_dataset_is_not_shown() -> None:
    """The table of scores has none for this one."""
    measured = replace(PLUS, experiment=Experiment("two", published={"humaneval": 0.6}))

    assert "published" not in cells(run_table([measured], WIDE)[0])


def test_the_gate_says_which_tests_decide() -> None:
    """In a line of its own, with the other score; of HumanEval alone there is no such line."""
    assert list(base_lines([run_of("+"), PLUS])) == [
        "gate: base and plus tests decide; pass@1 by the base tests alone: two 50.0%"
    ]
    assert list(base_lines([run_of("+")])) == []


def test_a_comparison_has_the_base_scores() -> None:
    """Below the figures that decide."""
    comparison = compare(PLUS, baseline_of(plus_run("++--").results, {}, "b.json"))

    assert "  by the base tests alone: 50.0% after 50.0%" in comparison_lines("two", comparison)


def test_the_json_report_keeps_to_its_schema_and_is_read_back(tmp_path: Path) -> None:
    """Dataset, both scores and each sample's outcome by the base tests survive the file."""
    run = replace(PLUS, manifest=MANIFEST)
    comparison = compare(run, baseline_of(run.results, MANIFEST, "b.json"))
    json_report.write(tmp_path / "r.json", [run], {"two": comparison})

    report = json.loads((tmp_path / "r.json").read_text())
    jsonschema.validate(report, json.loads(json_report.SCHEMA.read_text()))
    entry = report["experiments"]["two"]
    read = read_report(tmp_path / "r.json")["two"]

    assert entry["dataset"] == {"name": "humaneval+", "sha256": "0" * 64}
    assert (entry["pass@1"], entry["pass@1_base"], entry["passed_base"]) == (0.25, 0.5, 2)
    assert [each["samples"][0]["base_outcome"] for each in entry["results"]] == [
        "passed",
        "passed",
        "wrong_answer",
        "wrong_answer",
    ]
    assert (read.dataset, read.pass_at[1], read.pass_at_1_base) == ("humaneval+", 0.25, 0.5)


def test_a_report_of_an_earlier_version_is_of_humaneval(tmp_path: Path) -> None:
    """It has neither dataset nor base outcomes; its hash says which dataset it was."""
    known = "1d49078ba3e2b196b9344535bef34a43021f038fad9561d6ee7c53450609a6a2"
    for sha256, expected in ((known, "humaneval"), ("0" * 64, "d.jsonl")):
        manifest = {**MANIFEST, "dataset_sha256": sha256, "dataset": "/data/d.jsonl"}
        report = json_report.build([replace(run_of("+-"), manifest=manifest)], {})
        del report["experiments"]["one"]["dataset"]
        for each in report["experiments"]["one"]["results"]:
            del each["samples"][0]["base_outcome"]
        (tmp_path / "r.json").write_text(json.dumps(report))

        read = read_report(tmp_path / "r.json")["one"]

        assert (read.dataset, read.pass_at[1], read.pass_at_1_base) == (expected, 0.5, None)


def test_github_has_the_dataset_and_both_scores() -> None:
    """In the title, in annotations, and in columns that HumanEval's summary does not have."""
    floor = replace(PLUS, experiment=Experiment("two", fail_under=0.5))
    session = SessionSummary([floor], {}, Decision.FAILS)

    assert next(iter(commands(session))).startswith("::error title=humaneval+%3A two::")
    text = job_summary(session)
    assert text.startswith("## humaneval+\n")
    assert "| two | 25.0% | 50.0% |" in text
    assert "pass@1 by the base tests alone: two 50.0%" in text
    assert "| base |" not in job_summary(SessionSummary([run_of("+")], {}, None))


def test_junit_has_the_dataset_and_both_scores() -> None:
    """As properties; HumanEval's are as they were."""
    found = dict(properties(SessionSummary([PLUS, run_of("+")], {}, None)))

    assert found["humaneval.two.dataset"] == "humaneval+"
    assert (found["humaneval.two.pass@1"], found["humaneval.two.pass@1_base"]) == ("0.25", "0.5")
    assert found["humaneval.two.passed_base"] == "2/4"
    assert not {"humaneval.one.dataset", "humaneval.one.pass@1_base"} & found.keys()


def test_mlflow_has_the_dataset_and_both_scores() -> None:
    """The name as a parameter, the score by the base tests with its interval as metrics."""
    run = replace(PLUS, manifest={"dataset_name": "humaneval+"})

    assert metrics(run)["pass_at_1_base"] == 0.5
    assert metrics(run)["pass_at_1_base_ci95_low"] == pytest.approx(0.15, abs=1e-3)
    assert parameters(run) == {"dataset_name": "humaneval+"}
    assert not [name for name in metrics(run_of("+")) if "base" in name]


def test_a_run_in_python_shows_both_scores() -> None:
    """In one line, and as a notebook's table."""
    run = public(PLUS)

    assert repr(run).startswith("<Run two on humaneval+: pass@1 25.0% (95 % interval ")
    assert ", base 50.0%, 1/4 problems passed>" in repr(run)
    assert "<th>dataset</th><th>pass@1</th><th>base</th>" in run._repr_html_()


def test_a_card_shows_the_failing_input_and_which_tests_passed() -> None:
    """Not the source of a test with thousands of inputs."""
    for text in (compact_text(card(FAILED)), failure_text(card(FAILED))):
        lines = text.splitlines()
        assert lines[0] == "wrong_answer: f (Test/0 of humaneval+) in one"
        assert lines[1] == "it passed the base tests, and failed a plus test"
        assert {"plus input 2 of 3: f(1)", "returned 4", "expected 5"} <= set(lines)
        assert lines[-1].endswith("--humaneval-tasks=Test/0") or "--humaneval-debug" in lines[-1]


def test_a_failure_of_the_base_tests_says_nothing_of_others() -> None:
    """Which tests it passed is said only where it passed some."""
    text = compact_text(card(replace(FAILED, base_outcome=Outcome.WRONG_ANSWER)))

    assert "passed" not in text


@pytest.mark.parametrize(
    ("cases", "expected"),
    [
        pytest.param(
            plus_problem(0).cases,
            "2 base and 3 plus inputs; the result must equal the reference's; numbers may differ by 1e-06",
            id="base-and-plus",
        ),
        pytest.param(
            replace(plus_problem(0).cases or Cases("", b""), plus=b"", atol=0, rule="set"),
            "2 inputs; the result must equal the reference's as a set",
            id="base-alone",
        ),
        pytest.param(Cases("", b"", rule="own"), "0 inputs; compared by the rule 'own'", id="unknown-rule"),
    ],
)
def test_inputs_are_counted_and_the_rule_is_told(cases: Cases, expected: str) -> None:
    """What a person needs to know of a test that is data."""
    assert cases_text(cases) == expected


def test_a_card_of_the_page_has_a_short_text_for_thousands_of_inputs() -> None:
    """The data of the page does not grow with the dataset's inputs."""
    made = card_data.card(card(FAILED), Highlighter(0))

    assert made["test"].startswith("2 base and 3 plus inputs; ")
    assert made["dataset"] == "humaneval+"
    assert made["samples"][0]["base_outcome"] == "passed"


def test_the_page_says_what_was_run(tmp_path: Path) -> None:
    """Title, number of problems, the second score; HumanEval's page has none of these."""
    page = write_page(tmp_path, PLUS).read_text()
    both = write_page(tmp_path, run_of("+"), PLUS).read_text()
    plain = write_page(tmp_path, run_of("+")).read_text()

    assert "<title>humaneval+: two</title>" in page
    assert "4 problems of humaneval+," in page
    assert "<dt>base tests alone</dt><dd>50.0 %, 2 of 4</dd>" in page
    assert " on humaneval+</p>" in both
    assert "<title>HumanEval: one</title>" in plain
    assert "base tests alone" not in plain


def test_experiments_on_different_datasets_are_not_compared_on_the_page(tmp_path: Path) -> None:
    """HumanEval's pass is no gain over HumanEval+'s failure."""
    other = replace(PLUS, manifest=MANIFEST)

    assert 'value="pair:' not in write_page(tmp_path, run_of("+---"), other).read_text()
    assert 'value="pair:' in write_page(tmp_path, PLUS, run_of("+---")).read_text()


def test_one_id_of_two_different_problems_has_two_rows() -> None:
    """HumanEval/0 of HumanEval and HumanEval+ is one row; another dataset may have another problem 0."""
    other = replace(plus_run("+", "three"), results=(replace(result(0, "+"), entry_point="g"),))

    assert page_data.index([run_of("+"), PLUS, other], {}, ())["problems"][-1] == ["Test/0", "g"]
    assert len(page_data.index([run_of("+"), PLUS], {}, ())["problems"]) == 4
