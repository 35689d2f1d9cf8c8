"""The JSON report: what is written, and what is read of it as a baseline."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from records_made import REPAIR, result, run_of

from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.core.gate import compare
from pytest_humaneval.core.run import Run
from pytest_humaneval.reports.json_report import build, read_baseline, write

SHA256 = "0" * 64


def run(name: str, *letters: str) -> Run:
    """A run on a known dataset."""
    plain = run_of(letters, name)
    return Run(plain.experiment, plain.results, plain.selected, manifest={"dataset_sha256": SHA256})


def written(path: Path, *runs: Run) -> Path:
    """Write a report of these runs."""
    write(path, build(runs, {}))
    return path


def test_a_run_is_told_with_every_figure() -> None:
    """The keys of the report and what they hold."""
    told = build([run_of(["+", "-", "?", result(3, "r", (REPAIR,))], selected=5)], {})["experiments"]["one"]
    results = told.pop("results")

    assert [each["task_id"] for each in results] == ["Test/0", "Test/1", "Test/2", "Test/3"]
    assert told.pop("ci95") == pytest.approx([0.1500390, 0.8499610], abs=1e-6)
    assert told == {
        "pass@1": 0.5,
        "pass@k": {"1": 0.5},
        "problems": 5,
        "passed": 2,
        "samples": 4,
        "outcomes": {"passed": 2, "wrong_answer": 1, "infra_error": 1},
        "undecided": 2,
        "not_sampled": 0,
        "repairs": False,
        "published": None,
        "pass@1_format_only": 0.25,
        "repaired": ["Test/3"],
        "held_out_only": False,
        "trained_on": 0,
        "tokens": {"prompt": 0, "completion": 0},
        "seconds": {"generation": 0.0, "execution": 0.0, "wall": 0.0},
        "manifest": {},
    }


def test_a_comparison_is_told() -> None:
    """Flips, difference, p-value and the decision's word."""
    report = build([], {"one": compare(run_of("+-"), {"Test/0": 0.0, "Test/1": 0.0})})

    assert json.loads(json.dumps(report["comparison"]["one"])) == {
        "baseline": 0.0,
        "delta": 0.5,
        "gained": ["Test/0"],
        "lost": [],
        "p_value": 1.0,
        "unmatched": 0,
        "decision": "holds",
    }


def test_writing_leaves_the_report_and_nothing_else(tmp_path: Path) -> None:
    """An old report is replaced in one go."""
    path = tmp_path / "report.json"
    path.write_text("old")

    written(path, run("one", "+"))

    assert json.loads(path.read_text())["schema_version"] == 1
    assert list(tmp_path.iterdir()) == [path]


def test_a_report_is_the_next_runs_baseline(tmp_path: Path) -> None:
    """pass@1 by task id; a problem with a sample without a verdict has none."""
    path = written(tmp_path / "r.json", run("one", "+-", "--", "+?"), run("two", "+"))

    assert read_baseline(path, ["two", "one"], SHA256) == {
        "two": {"Test/0": 1.0},
        "one": {"Test/0": 0.5, "Test/1": 0.0, "Test/2": None},
    }


def test_one_experiment_is_compared_with_the_only_one_of_the_file(tmp_path: Path) -> None:
    """So a change of strategy can be compared; with two, names must agree."""
    alone = written(tmp_path / "alone.json", run("old", "+"))
    both = written(tmp_path / "both.json", run("old", "+"), run("older", "+"))

    assert read_baseline(alone, ["new"], SHA256) == {"new": {"Test/0": 1.0}}
    with pytest.raises(ConfigError, match="no experiment 'new' to compare with; known are: old, older"):
        read_baseline(both, ["new"], SHA256)
    with pytest.raises(ConfigError, match="no experiment 'new' to compare with"):
        read_baseline(alone, ["old", "new"], SHA256)


def test_another_dataset_is_no_baseline(tmp_path: Path) -> None:
    """Scores on different problems are not compared."""
    path = written(tmp_path / "r.json", run("one", "+"))

    with pytest.raises(ConfigError, match="experiment 'one': the baseline was run on another dataset"):
        read_baseline(path, ["one"], "1" * 64)


def report_with(entry: object) -> str:
    """A report whose only experiment is this."""
    return json.dumps({"schema_version": 1, "experiments": {"one": entry}})


def entry_with(**changed: object) -> dict[str, Any]:
    """A right entry, changed."""
    return {"results": [], "manifest": {"dataset_sha256": SHA256}, **changed}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param(None, "the baseline cannot be read (No such file or directory)", id="absent"),
        pytest.param("{", "not a baseline; expected a report written with --humaneval-report", id="not-json"),
        pytest.param("[]", "not a baseline", id="list"),
        pytest.param("[" * 100_000, "not a baseline", id="nested-beyond-measure"),
        pytest.param('{"experiments": {}}', "not a report of schema version 1", id="no-version"),
        pytest.param('{"experiments": [], "schema_version": 1}', "not a report of schema", id="no-table"),
        pytest.param(report_with([]), "experiment 'one': not as this plugin writes it", id="entry-is-a-list"),
        pytest.param(report_with(None), "experiment 'one': not as this plugin writes it", id="entry-is-null"),
        pytest.param(report_with(entry_with(manifest={})), "not as this plugin writes it", id="no-dataset"),
        pytest.param(report_with(entry_with(results=[{}])), "not as this plugin writes it", id="no-task"),
        pytest.param(
            report_with(entry_with(results=[{"task_id": "a", "samples": [{"outcome": "great"}]}])),
            "not as this plugin writes it",
            id="unknown-outcome",
        ),
        pytest.param(
            report_with(entry_with(results=[{"task_id": "a", "samples": ["passed"]}])),
            "not as this plugin writes it",
            id="sample-is-text",
        ),
    ],
)
def test_a_file_that_is_no_baseline_is_told(tmp_path: Path, text: str | None, told: str) -> None:
    """One line with the file's name; never a traceback, before anything is run."""
    path = tmp_path / "baseline.json"
    if text is not None:
        path.write_text(text)

    with pytest.raises(ConfigError) as caught:
        read_baseline(path, ["one"], SHA256)

    assert str(caught.value).startswith(str(path))
    assert told in str(caught.value)
