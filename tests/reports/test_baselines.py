"""Baselines: found by path or name, saved under numbers, read as scores."""

from __future__ import annotations

import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from pytest_humaneval.core.datasets import Dataset
from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.core.scoring.run import Run
from pytest_humaneval.reports.baselines import find, read, save
from pytest_humaneval.reports.json_report import write
from tests.support.records_made import run_of

SHA256 = "0" * 64
DATASET = Dataset(Path("d.jsonl"), SHA256, ())


def run(name: str, *letters: str) -> Run:
    """A run on a known dataset."""
    plain = run_of(letters, name)
    return Run(plain.experiment, plain.results, plain.selected, manifest={"dataset_sha256": SHA256})


def written(path: Path, *runs: Run) -> Path:
    """Write a report of these runs."""
    write(path, runs, {})
    return path


def writes(name: str) -> Callable[[Path], None]:
    """Return a function that writes a file which contains only its name."""

    def write_it(path: Path) -> None:
        path.write_text(json.dumps({"of": name}))

    return write_it


def test_saved_baselines_are_numbered_and_found_by_name_or_number(tmp_path: Path) -> None:
    """A name is the newest of that name; a number, or both, just that one."""
    saved = [save(writes(name), name, tmp_path / "kept") for name in ("main", "nightly", "main")]

    assert [path.name for path in saved] == ["0001_main.json", "0002_nightly.json", "0003_main.json"]
    assert [json.loads(path.read_text()) for path in saved] == [
        {"of": "main"},
        {"of": "nightly"},
        {"of": "main"},
    ]
    for what, expected in (
        ("main", saved[2]),
        ("0001", saved[0]),
        ("0001_main", saved[0]),
        ("0002", saved[1]),
    ):
        assert find(what, tmp_path / "kept") == expected


def test_numbers_go_on_where_the_last_one_ended(tmp_path: Path) -> None:
    """What was removed in between is not counted anew, and four digits are no limit."""
    for name in ("9999_main.json", "0002_a.json", "notes.json"):
        (tmp_path / name).write_text("{}")

    assert save(Path.touch, "main", tmp_path).name == "10000_main.json"
    assert find("main", tmp_path).name == "10000_main.json"


def test_a_path_is_taken_as_it_is(tmp_path: Path) -> None:
    """A report kept anywhere is a baseline too."""
    assert find(tmp_path / "main.json", tmp_path / "nowhere") == tmp_path / "main.json"


def test_an_unknown_name_is_refused_with_a_suggestion(tmp_path: Path) -> None:
    """One line: where it was looked for, what is there, how to save one."""
    save(Path.touch, "main", tmp_path)

    with pytest.raises(ConfigError) as caught:
        find("mian", tmp_path)

    assert str(tmp_path) in str(caught.value)
    assert "did you mean 'main'?" in str(caught.value)
    assert "--humaneval-save-baseline=mian" in str(caught.value)


def test_a_report_is_the_next_runs_baseline(tmp_path: Path) -> None:
    """pass@1 by task id; a problem with a sample without a verdict has none."""
    path = written(tmp_path / "r.json", run("one", "+-", "--", "+?"), run("two", "+"))

    assert read(path, "two", False, DATASET).scores == {"Test/0": 1}
    assert read(path, "one", False, DATASET).scores == {"Test/0": Fraction(1, 2), "Test/1": 0, "Test/2": None}


def test_one_experiment_is_compared_with_the_only_one_of_the_file(tmp_path: Path) -> None:
    """So a change of strategy can be compared; with two, names must agree."""
    alone = written(tmp_path / "alone.json", run("old", "+"))
    both = written(tmp_path / "both.json", run("old", "+"), run("older", "+"))

    assert read(alone, "new", True, DATASET).scores == {"Test/0": 1}
    with pytest.raises(ConfigError, match="no experiment 'new' to compare with; known are: old, older"):
        read(both, "new", True, DATASET)
    with pytest.raises(ConfigError, match="no experiment 'new' to compare with"):
        read(alone, "new", False, DATASET)


def test_another_dataset_is_no_baseline(tmp_path: Path) -> None:
    """Scores on different problems are not compared."""
    path = written(tmp_path / "r.json", run("one", "+"))

    with pytest.raises(ConfigError, match="experiment 'one': was run on another dataset") as caught:
        read(path, "one", True, Dataset(Path("m.jsonl"), "1" * 64, (), "mbpp"))
    assert f"(humaneval, sha256 {SHA256[:12]}...; here mbpp, sha256 111111111111...)" in str(caught.value)
    assert str(caught.value).endswith("name that one with --humaneval-dataset=humaneval")


def report_with(entry: object) -> str:
    """A report whose only experiment is this."""
    return json.dumps({"schema_version": 1, "experiments": {"one": entry}})


def entry_with(**changed: object) -> dict[str, Any]:
    """A right entry, changed."""
    return {"results": [], "manifest": {"dataset_sha256": SHA256}, **changed}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(None, "the report cannot be read (No such file or directory)", id="absent"),
        pytest.param("{", "not a report; expected a report written with --humaneval-report", id="not-json"),
        pytest.param("[]", "not a report", id="list"),
        pytest.param("[" * 100_000, "not a report", id="nested-beyond-measure"),
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
def test_a_file_that_is_no_baseline_is_refused(tmp_path: Path, text: str | None, message: str) -> None:
    """One line with the file's name; never a traceback, before anything is run."""
    path = tmp_path / "baseline.json"
    if text is not None:
        path.write_text(text)

    with pytest.raises(ConfigError) as caught:
        read(path, "one", True, DATASET)

    assert str(caught.value).startswith(str(path))
    assert message in str(caught.value)
