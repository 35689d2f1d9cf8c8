"""Reports of other plugins and our own: all come through the registry, and none takes another one along."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path

import pytest

from tests.support.evaluating import PLAIN_AND_WORKERS, Evaluate

CONFTEST = """
    class Lines:
        def __init__(self, path):
            self.path = path

        def write(self, session):
            self.path.write_text("".join(f"{run.experiment.name} {run.passed}\\n" for run in session.runs))
            yield f"lines: {self.path.name}"

    class Broken:
        def write(self, session):
            yield "a line before it breaks"
            raise ValueError("no ink")

    def pytest_humaneval_register(registry):
        registry.report("broken", lambda plan, path: path and Broken())
        registry.report("lines", lambda plan, path: path and Lines(path))
"""

TASKS = ("--humaneval-experiment=canonical", "--humaneval-tasks=0-2")


@pytest.fixture
def conftest(pytester: pytest.Pytester) -> Path:
    """A conftest.py with one report that works and one that fails."""
    return pytester.makeconftest(textwrap.dedent(CONFTEST))


@pytest.mark.parametrize("mode", PLAIN_AND_WORKERS)
def test_a_plugin_s_report_is_written_once(
    pytester: pytest.Pytester, conftest: Path, evaluate: Evaluate, mode: tuple[str, ...]
) -> None:
    """With the figures of the session, and its line is in the summary."""
    finished = evaluate(*TASKS, f"--humaneval-write=lines={conftest.parent}/lines.txt", *mode)

    assert finished.status == 0, finished.text
    assert (pytester.path / "lines.txt").read_text() == "canonical 3\n"
    assert finished.text.count("lines: lines.txt") == 1


@pytest.mark.parametrize("mode", PLAIN_AND_WORKERS)
def test_a_report_that_fails_loses_no_other(
    pytester: pytest.Pytester, conftest: Path, evaluate: Evaluate, mode: tuple[str, ...]
) -> None:
    """One line names its plugin, the exit status is 4, and the reports before and after it are written."""
    finished = evaluate(
        *TASKS, "--humaneval-write=broken=b.txt,lines=lines.txt", "--humaneval-html=report.html", *mode
    )

    assert finished.status == 4
    assert finished.run["passed"] == 3
    assert (pytester.path / "report.html").exists()
    assert (pytester.path / "lines.txt").read_text() == "canonical 3\n"
    (line,) = [each for each in finished.text.splitlines() if "no ink" in each]
    assert line == f"report 'broken' of plugin '{conftest}' failed (ValueError: no ink)"
    assert "Traceback" not in finished.text


def test_every_report_of_ours_is_in_the_registry(evaluate: Evaluate) -> None:
    """A name that there is not is refused with those that there are."""
    finished = evaluate(*TASKS, "--humaneval-write=nothing=x.txt")

    assert finished.status == 4
    assert "there is no report 'nothing'" in finished.text
    assert "json, html, samples, mlflow, junit, github" in finished.text


def test_reports_of_ours_are_written_by_their_names(pytester: pytest.Pytester, evaluate: Evaluate) -> None:
    """As with the flags of their own; the names' paths win over those."""
    finished = evaluate(*TASKS, "--humaneval-write=html=page.html,samples=s.jsonl,json=named.json")

    assert finished.status == 0, finished.text
    assert (pytester.path / "page.html").read_text().startswith("<!doctype html>")
    assert len((pytester.path / "s.jsonl").read_text().splitlines()) == 3
    assert json.loads((pytester.path / "named.json").read_text())["experiments"]["canonical"]["passed"] == 3
