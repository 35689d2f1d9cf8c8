"""Every report of a run that chose among its samples: the score has its own name, beside what it is worth."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from pytest_humaneval.api.report_files import read_report
from pytest_humaneval.api.run import compare_runs, public
from pytest_humaneval.core.datasets.dataset import HUMANEVAL
from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.core.scoring.baseline import baseline_of
from pytest_humaneval.core.scoring.gate import Decision, check_threshold, compare
from pytest_humaneval.core.scoring.run import Run
from pytest_humaneval.core.scoring.session_summary import SessionSummary
from pytest_humaneval.reports import json_report
from pytest_humaneval.reports.comparison_text import comparison_lines
from pytest_humaneval.reports.gate_text import gate_line
from pytest_humaneval.reports.github import commands, job_summary
from pytest_humaneval.reports.history import read_history
from pytest_humaneval.reports.history_table import history_lines
from pytest_humaneval.reports.junit import properties
from pytest_humaneval.reports.mlflow import metrics
from pytest_humaneval.reports.terminal import notes
from tests.support.records_made import plus_run, run_of, selecting_run, tried

MANIFEST = {
    "model": "m",
    "dataset_sha256": "0" * 64,
    "versions": {},
    "n": 2,
    "select": ["examples"],
    "gate_on": "pass@1",
}
RUN = replace(
    selecting_run(["-1a +3b", "-1a +3b", "+3a -1b", "-2a -1b"]),
    manifest=MANIFEST,
    dataset=HUMANEVAL,
    scorable=4,
)
ON_SELECTED = replace(RUN, experiment=replace(RUN.experiment, gate_on="selected@1"))


def demanding(floor: float, run: Run = ON_SELECTED) -> Run:
    """The run with a floor for its gate."""
    return replace(run, experiment=replace(run.experiment, fail_under=floor))


def with_rounds() -> Run:
    """A run with one sample of each of two problems; a round of repair makes a pass of the second."""
    mended = tried(1, "-1a").samples[0]
    mended = replace(mended, rounds=(tried(1, "+3b").samples[0],))
    run = replace(run_of([tried(0, "+3a"), replace(tried(1, "-1a"), samples=(mended,))]), manifest=MANIFEST)
    return replace(run, scorable=2)


def test_a_line_says_what_was_chosen_and_what_it_is_worth() -> None:
    """Score and interval, one sample and the oracle, the paired test, what was spent."""
    assert next(notes([RUN], {})) == (
        "one: selected@1 of 2 by examples: 75.0% (30.1% - 95.4%); one sample 37.5%, oracle pass@2 75.0%; "
        "+2/-0 problems against the first sample, p = 0.5 (McNemar, exact); "
        "8 samples, 80 tokens read and 40 written"
    )


def test_lines_say_what_is_doubtful_about_a_choice() -> None:
    """Bounds where a verdict is missing, and problems whose prompts show no example."""
    silent = tried(1, "+0a -0a")
    silent = replace(silent, samples=tuple(replace(each, examples=0) for each in silent.samples))
    run = selecting_run(["?3a -1b"])
    lines = list(notes([replace(run, results=(*run.results, silent), selected=2)], {}))

    assert (
        "one: 1 of 2 problems have a sample that could not be judged, or not be tried on the examples, and "
        "might have been chosen: selected@1 is between 50.0% and 100.0%"
    ) in lines
    assert "one: the prompts of 1 of 2 problems show no example that could be run" in lines


def test_with_one_sample_of_each_problem_a_line_says_that_there_is_no_choice() -> None:
    """And no selected@1 is shown."""
    lines = list(notes([selecting_run(["+3a", "-1a"])], {}))

    assert lines == ["one: select: nothing to choose from, n = 1"]


def test_the_base_tests_have_a_line_of_their_own() -> None:
    """Where the dataset has further ones."""
    run = replace(selecting_run(["b3a -1b", "+3a -1b"]), has_base_tests=True)

    assert "one: selected@1 of 2 by the base tests alone: 100.0% (34.2% - 100.0%)" in notes([run], {})


def test_rounds_of_repair_have_a_line() -> None:
    """With the score before them, which stays pass@1, and what they cost."""
    assert next(notes([with_rounds()], {})) == (
        "one: after 1 repair round pass@1 is 100.0% (34.2% - 100.0%), 50.0% before: +1/-0 problems; "
        "1 further answer, 10 tokens read and 5 written"
    )


def test_the_json_report_keeps_to_its_schema_and_is_read_back(tmp_path: Path) -> None:
    """The figures and the curve are worked out again from the file, and are the same."""
    path = tmp_path / "r.json"
    comparison = compare(ON_SELECTED, baseline_of(RUN.results, MANIFEST, "b.json"))
    json_report.write(
        path,
        [RUN, replace(with_rounds(), experiment=replace(RUN.experiment, name="two"))],
        {"one": comparison},
    )

    report = json.loads(path.read_text())
    jsonschema.validate(report, json.loads(json_report.SCHEMA.read_text()))
    one, two = report["experiments"].values()
    read = read_report(path)["one"]

    assert (one["pass@1"], one["selected@1"], one["select"]) == (0.375, 0.75, ["examples"])
    assert one["selected@1_ci95"] == pytest.approx([0.301, 0.954], abs=0.001)
    assert (one["selection"]["name"], one["selection"]["oracle"]) == ("selected@1 of 2", 0.75)
    assert one["selection"]["gained"] == ["Test/0", "Test/1"]
    assert one["selection"]["spent"] == {"samples": 8, "prompt_tokens": 80, "completion_tokens": 40}
    assert one["curve"]["k"] == [1, 2]
    assert one["curve"]["scores"]["examples"] == [0.375, 0.75]
    assert [result["selected"] for result in one["results"]] == [1, 1, 0, 0]
    assert (two["repair_rounds"]["name"], two["repair_rounds"]["score"]) == (
        "pass@1 after 1 repair round",
        1.0,
    )
    assert read.curve == RUN.curve
    assert read.selected_figures is not None
    assert (read.selected_figures.name, read.selected_figures.score) == ("selected@1 of 2", 0.75)
    assert report["comparison"]["one"]["score"] == "selected@1 of 2"


def test_a_run_without_a_choice_has_no_such_key() -> None:
    """In the JSON report and in JUnit's properties."""
    plain = run_of(["+-", "-+"])
    entry = json_report.build([plain], {})["experiments"]["one"]

    assert not {"selected@1", "selection", "curve", "repair_rounds", "select"} & entry.keys()
    assert not [name for name, _ in properties(SessionSummary([plain], {}, None)) if "selected" in name]


def test_a_gate_on_the_chosen_samples_says_so() -> None:
    """Its line names the score; pass@1, which is lower, decides nothing."""
    holds, fails = demanding(0.7), demanding(0.8)

    assert check_threshold(holds, 0.7) is Decision.HOLDS
    assert gate_line(SessionSummary([holds], {}, Decision.HOLDS)) == (
        "gate: holds (selected@1 of 2 of one at least 70.0%)"
    )
    assert gate_line(SessionSummary([fails], {}, Decision.FAILS)) == (
        "gate: fails: one selected@1 of 2 75.0% below 80.0%"
    )
    assert check_threshold(demanding(0.7, RUN), 0.7) is Decision.FAILS


def test_a_gate_on_the_chosen_samples_is_undecided_where_a_sample_is_lost() -> None:
    """Even where the lost one was not chosen: with its verdict it might have been."""
    run = selecting_run(["+3a ?0b"])
    run = replace(run, experiment=replace(run.experiment, gate_on="selected@1"))

    assert check_threshold(run, 0.5) is Decision.UNDECIDED


def test_two_gates_on_different_scores_are_told_apart() -> None:
    """Each floor stands with its score."""
    other = replace(demanding(0.3, RUN), experiment=replace(RUN.experiment, name="two", fail_under=0.3))

    assert gate_line(SessionSummary([demanding(0.7), other], {}, Decision.HOLDS)) == (
        "gate: holds (selected@1 of 2 of one at least 70.0%; pass@1 of two at least 30.0%)"
    )


def test_chosen_samples_are_compared_with_chosen_samples() -> None:
    """All texts name the score, and a different way of choosing is a different setting."""
    before = selecting_run(["-1a +3b", "+1a -3b", "+3a -1b", "-2a -1b"])
    baseline = baseline_of(before.results, {**MANIFEST, "select": ["vote"]}, "b.json")
    comparison = compare(ON_SELECTED, baseline)

    assert (comparison.score, comparison.baseline, comparison.delta) == ("selected@1 of 2", 0.5, 0.25)
    assert comparison.gained == ("Test/1",)
    lines = list(comparison_lines("one", comparison))
    assert lines[0] == (
        "one: selected@1 of 2 not distinguishable from the baseline: 75.0% after 50.0% in b.json"
    )
    assert "  different settings: select: ['vote'] then, ['examples'] now" in lines


def test_a_comparison_of_pass_at_1_has_the_chosen_samples_beside_it() -> None:
    """They decide nothing there."""
    comparison = compare(RUN, baseline_of(RUN.results, MANIFEST, "b.json"))

    assert comparison.score == "pass@1"
    assert "  selected@1: 75.0% after 75.0%" in comparison_lines("one", comparison)
    assert compare(RUN, baseline_of(run_of(["+-"] * 4).results, {}, "b.json")).selected is None


def test_a_run_without_a_choice_is_no_baseline_for_one_with() -> None:
    """The line says what to do."""
    with pytest.raises(ConfigError, match=r"'plain' has no selected@1, .*; compare with a run with select"):
        compare_runs(ON_SELECTED, replace(run_of(["+-"], "plain"), manifest=MANIFEST))


def test_junit_has_the_score_under_its_own_name() -> None:
    """With the number of samples, the ways, and which score the gate is on."""
    found = dict(properties(SessionSummary([demanding(0.7)], {}, Decision.HOLDS)))

    assert (found["humaneval.one.pass@1"], found["humaneval.one.selected@1"]) == ("0.375", "0.75")
    assert (found["humaneval.one.selected@1.of"], found["humaneval.one.selected@1.by"]) == ("2", "examples")
    assert found["humaneval.one.gate_on"] == "selected@1 of 2"
    repaired = dict(properties(SessionSummary([with_rounds()], {}, None)))
    assert repaired["humaneval.one.pass@1 after 1 repair round"] == "1.0"


def test_github_has_a_column_and_a_line() -> None:
    """A floor that is missed is an annotation with the score's name."""
    session = SessionSummary([demanding(0.8)], {}, Decision.FAILS)
    text = job_summary(session)

    assert "| experiment | pass@1 | 95% interval | selected@1 | passed | outcomes |" in text
    assert "| 75.0% of 2 |" in text
    assert "one: selected@1 of 2 by examples: 75.0%" in text
    assert "::error title=HumanEval%3A one::selected@1 of 2 is 75.0%25, below the floor of 80.0%25" in list(
        commands(session)
    )
    assert "selected@1" not in job_summary(SessionSummary([run_of("+-")], {}, None))


def test_mlflow_has_the_score_apart_from_pass_at_1() -> None:
    """With its interval and the number of samples, and the score after rounds of repair."""
    found = metrics(RUN)

    assert (found["pass_at_1"], found["selected_at_1"], found["selected_at_1_of"]) == (0.375, 0.75, 2)
    assert found["selected_at_1_ci95_low"] == pytest.approx(0.301, abs=0.001)
    assert (metrics(with_rounds())["pass_at_1_after_repair_rounds"], found["oracle"]) == (1.0, 0.75)
    assert "selected_at_1_base" not in found
    assert not [name for name in metrics(plus_run("+b")) if "selected" in name]


def test_python_shows_the_score_and_marks_the_chosen_samples() -> None:
    """In the run's text and table, and in a column of the samples."""
    pytest.importorskip("pandas")
    run = public(RUN)

    assert "selected@1 75.0% of 2" in repr(run)
    assert "<td>75.0% of 2</td>" in run._repr_html_()
    assert list(run.to_pandas()["selected"]) == [False, True, False, True, True, False, True, False]
    assert "selected" not in public(run_of(["+-"])).to_pandas()


def test_the_history_has_columns_where_any_report_has_the_scores(tmp_path: Path) -> None:
    """Among how many was chosen, and after how many rounds, stands with each."""
    json_report.write(tmp_path / "1.json", [RUN], {})
    json_report.write(tmp_path / "2.json", [with_rounds()], {})
    lines = list(history_lines(read_history(tmp_path)))

    assert lines[1].split() == [
        *(
            "report",
            "pass@1",
            "95%",
            "interval",
            "after",
            "repair",
            "selected@1",
            "problems",
            "change",
            "commit",
        )
    ]
    assert "75.0% of 2" in lines[2]
    assert "100.0% (1 repair round)" in lines[3]
