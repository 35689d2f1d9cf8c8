"""The report to GitHub Actions: annotations and a job summary."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from pytest_humaneval.core.config.experiment import Experiment
from pytest_humaneval.core.scoring.baseline import Baseline
from pytest_humaneval.core.scoring.gate import Decision, compare
from pytest_humaneval.core.scoring.session_summary import SessionSummary
from pytest_humaneval.reports.github import commands, detect, job_summary
from tests.support.records_made import run_of


def compared(now: str, before: str, name: str = "one", model: str = "m") -> SessionSummary:
    """Return the summary of a run with a baseline."""
    run = replace(run_of(now, name), manifest={"model": model})
    scores = {f"Test/{i}": Fraction(letter == "+") for i, letter in enumerate(before)}
    comparison = compare(run, Baseline(scores, {"model": "m"}))
    return SessionSummary([run], {name: comparison}, comparison.decision)


def test_a_significant_loss_is_an_error() -> None:
    """The annotation has the verdict and the figures; the gate has an annotation of its own."""
    lost, gate = commands(compared("-" * 6, "+" * 6))

    assert lost.startswith(
        "::error title=HumanEval%3A one::worse than the baseline: -100.0 points (95%25 interval "
    )
    assert gate == (
        "::error title=HumanEval::gate: fails: one 0.0%25 after 100.0%25 in the baseline (p = 0.0312)"
    )


def test_noise_is_a_notice_and_a_changed_model_a_warning() -> None:
    """A difference that is not significant is a notice; different settings make it a warning."""
    assert next(commands(compared("+-", "++"))).startswith("::notice title=")
    warned = next(commands(compared("+-", "++", model="other")))
    assert warned.startswith("::warning title=")
    assert warned.endswith("%0Adifferent settings: model: 'm' then, 'other' now")


def test_a_missed_threshold_and_a_missing_verdict_are_reported() -> None:
    """The threshold and the score; the number of samples without a verdict."""
    run = replace(run_of("+---"), experiment=Experiment("one", fail_under=0.5))
    lost = replace(run_of("+--?"), experiment=Experiment("two", fail_under=0.5))

    assert list(commands(SessionSummary([run, lost], {}, Decision.FAILS))) == [
        "::error title=HumanEval%3A one::pass@1 is 25.0%25, below the floor of 50.0%25",
        "::warning title=HumanEval%3A two::1 samples have no verdict",
        "::error title=HumanEval::gate: fails: one 25.0%25 below 50.0%25",
    ]


def test_a_command_is_one_line_whatever_its_text() -> None:
    """A line end, percent sign or separator in a name starts no command and ends no property."""
    found = list(commands(compared("+-", "++", name="x\r\n::error::y%0A,z")))

    assert "title=HumanEval%3A x%0D%0A%3A%3Aerror%3A%3Ay%250A%2Cz::" in found[0]
    assert not any(character in command for character in "\r\n" for command in found)


def test_the_summary_is_a_table_with_flips_and_the_gate() -> None:
    """Markdown as GitHub shows it: every row as many cells as the headings."""
    text = job_summary(compared("------+", "++++++-"))

    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert len({row.replace(r"\|", "").count("|") for row in rows}) == 1
    assert "| one | 14.3% |" in rows[2]
    assert "worse than the baseline" not in rows[2]
    assert "- gained: Test/6\n" in text
    assert "- lost: Test/0, Test/1" in text
    assert text.endswith("**gate: holds**\n\n")


def test_what_could_be_markdown_is_shown_as_text() -> None:
    """A model called with a pipe or a tag breaks no table and opens no element."""
    text = job_summary(compared("+", "-", model="<img src=x>|`a`"))

    assert "<img" not in text.replace(r"\<", "")
    assert r"\<img src=x\>\|\`a\`" in text


@pytest.mark.parametrize("environment", [{}, {"GITHUB_ACTIONS": "false"}, {"GITHUB_STEP_SUMMARY": "x"}])
def test_outside_github_actions_nothing_is_reported(environment: dict[str, str]) -> None:
    """Only the variable that GitHub Actions sets to true counts."""
    assert detect(environment) is None


def test_a_summary_is_added_to_what_the_job_has(tmp_path: Path) -> None:
    """Other steps' summaries stay; without a file there is nothing to add to."""
    summary = tmp_path / "summary.md"
    summary.write_text("before\n")
    github = detect({"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(summary)})
    without = detect({"GITHUB_ACTIONS": "true"})
    assert github is not None
    assert without is not None

    github.add_summary(compared("+", "-"))
    without.add_summary(compared("+", "-"))

    assert summary.read_text().startswith("before\n## HumanEval\n")


def test_commands_are_stopped_by_a_token_that_cannot_be_guessed() -> None:
    """A model's text between the two lines is no command; each run has its own token."""
    one, other = (detect({"GITHUB_ACTIONS": "true"}) for _ in range(2))
    assert one is not None
    assert other is not None

    assert one.stop_commands == f"::stop-commands::{one.token}"
    assert next(one.annotations(compared("+", "-"))) == f"::{one.token}::"
    assert one.token != other.token
    assert len(one.token) >= 32
