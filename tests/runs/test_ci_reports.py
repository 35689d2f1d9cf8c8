"""What other programs read of a run: the JSON report, JUnit XML, and GitHub Actions."""

from __future__ import annotations

import json
from collections.abc import Sequence
from xml.etree import ElementTree

import jsonschema
import pytest

from pytest_humaneval.reports.json_report import SCHEMA
from tests.support.easy_problems import FIRST
from tests.support.evaluating import PLAIN_AND_WORKERS, Evaluate


@pytest.mark.parametrize("mode", PLAIN_AND_WORKERS)
def test_the_report_keeps_to_its_schema(
    score_easy: Evaluate, pytester: pytest.Pytester, mode: Sequence[str]
) -> None:
    """With comparison and ablation, plain and under xdist: every key is described, and none is missing."""
    validator = jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text()))
    (pytester.path / "b.json").write_text(json.dumps(score_easy(FIRST[10]).report))

    report = score_easy(FIRST[4], "--humaneval-baseline=b.json", "--humaneval-ablate", *mode).report

    validator.check_schema(validator.schema)
    assert list(validator.iter_errors(report)) == []
    assert report["comparison"]


@pytest.mark.parametrize("mode", PLAIN_AND_WORKERS)
def test_junit_has_the_figures_of_the_session_and_of_each_problem(
    score_easy: Evaluate, pytester: pytest.Pytester, mode: Sequence[str]
) -> None:
    """The suite has the experiment's pass@1 and the gate; each case its own pass@1."""
    score_easy(FIRST[5], "--humaneval-fail-under=0.2", "--junitxml=junit.xml", *mode)

    root = ElementTree.parse(pytester.path / "junit.xml")  # noqa: S314 (our own file)
    of_suite = {p.attrib["name"]: p.attrib["value"] for p in root.iterfind("./testsuite/properties/property")}
    of_cases = [p.attrib["value"] for p in root.iter("property") if p.attrib["name"] == "humaneval_pass@1"]
    assert of_suite == {
        "humaneval.samples.pass@1": "0.25",
        "humaneval.samples.dataset": "easy",
        "humaneval.samples.passed": "5/20",
        "humaneval.samples.undecided": "0",
        "humaneval.samples.gate_on": "pass@1",
        "humaneval.gate": "holds",
    }
    assert sorted(of_cases) == ["0.0"] * 15 + ["1.0"] * 5


@pytest.mark.parametrize("mode", PLAIN_AND_WORKERS)
def test_github_actions_gets_annotations_and_one_summary(
    score_easy: Evaluate, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, mode: Sequence[str]
) -> None:
    """Annotations come after the part in which workflow commands are off; one process writes the summary."""
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(pytester.path / "summary.md"))

    lines = score_easy(FIRST[5], "--humaneval-fail-under=0.5", *mode).result.outlines

    token = next(line for line in lines if line.startswith("::stop-commands::")).split("::")[2]
    annotations = lines[lines.index(f"::{token}::") + 1 :]
    assert annotations[0] == "::error title=easy%3A samples::pass@1 is 25.0%25, below the floor of 50.0%25"
    assert (pytester.path / "summary.md").read_text().count("## easy\n") == 1
