"""The JSON report: its content, and how it is written."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import pytest

from pytest_humaneval.core.scoring.baseline import Baseline
from pytest_humaneval.core.scoring.gate import compare
from pytest_humaneval.core.scoring.run import Run
from pytest_humaneval.reports.json_report import build, write
from tests.support.records_made import REPAIR, result, run_of

SHA256 = "0" * 64


def run(name: str, *letters: str) -> Run:
    """Return a run on a known dataset."""
    plain = run_of(letters, name)
    return Run(plain.experiment, plain.results, plain.selected, manifest={"dataset_sha256": SHA256})


def written(path: Path, *runs: Run) -> Path:
    """Write a report of these runs."""
    write(path, runs, {})
    return path


def test_the_file_holds_what_is_built(tmp_path: Path) -> None:
    """Written piece by piece, it is the same report; also of no run at all, and beside a comparison."""
    one, two = run("one", "+-", "r?"), run("two", "--")
    comparisons = {"one": compare(one, Baseline({"Test/0": Fraction(1), "Test/1": Fraction(0)}))}

    for runs, compared in (((one, two), comparisons), ((one,), {}), ((), {})):
        write(tmp_path / "report.json", runs, compared, {})
        content = json.loads((tmp_path / "report.json").read_text())
        assert content == json.loads(json.dumps(build(runs, compared, {})))
    assert [path.name for path in tmp_path.iterdir()] == ["report.json"]


def test_a_run_has_every_figure() -> None:
    """The keys of the report and what they hold."""
    report = build([run_of(["+", "-", "?", result(3, "r", (REPAIR,))], selected=5)], {})["experiments"]["one"]
    results = report.pop("results")

    assert [each["task_id"] for each in results] == ["Test/0", "Test/1", "Test/2", "Test/3"]
    assert report.pop("ci95") == pytest.approx([0.1500390, 0.8499610], abs=1e-6)
    assert report == {
        "dataset": {"name": "humaneval", "sha256": ""},
        "pass@1": 0.5,
        "pass@k": {"1": 0.5},
        "problems": 5,
        "scorable": 0,
        "passed": 2,
        "samples": 4,
        "shared": 0,
        "outcomes": {"passed": 2, "wrong_answer": 1, "infra_error": 1},
        "undecided": 2,
        "not_sampled": 0,
        "repairs": False,
        "published": None,
        "pass@1_format_only": 0.25,
        "repaired": ["Test/3"],
        "shows_tests": False,
        "held_out_only": False,
        "trained_on": 0,
        "tokens": {"prompt": 0, "completion": 0},
        "seconds": {"generation": 0.0, "execution": 0.0, "wall": 0.0},
        "manifest": {},
    }


def test_a_comparison_has_every_figure() -> None:
    """Flips, difference, interval, p-value and the decision."""
    report = build(
        [],
        {
            "one": compare(
                run_of("+-"), Baseline({"Test/0": Fraction(0), "Test/1": Fraction(0)}, source="b.json")
            )
        },
    )

    assert json.loads(json.dumps(report["comparison"]["one"])) == {
        "baseline": 0.0,
        "delta": 0.5,
        "gained": ["Test/0"],
        "lost": [],
        "p_value": 1.0,
        "ci95": pytest.approx([-0.2725727851131815, 0.9054687942657693], rel=1e-12),
        "detectable": 1.0,
        "test": "McNemar",
        "unmatched": 0,
        "compared": 2,
        "problems": 2,
        "differs": [],
        "source": "b.json",
        "base": None,
        "score": "pass@1",
        "selected": None,
        "distinguishable": False,
        "decision": "holds",
    }


def test_writing_leaves_the_report_and_nothing_else(tmp_path: Path) -> None:
    """An old report is replaced in one go."""
    path = tmp_path / "report.json"
    path.write_text("old")

    written(path, run("one", "+"))

    assert json.loads(path.read_text())["schema_version"] == 1
    assert list(tmp_path.iterdir()) == [path]
