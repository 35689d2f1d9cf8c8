"""What a new user meets first: hints for what is missing, which file is read, and messages in plain words."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence

import pytest

from pytest_humaneval.core.config.shipped import EXPERIMENTS
from tests.support.evaluating import PLAIN_AND_WORKERS, Evaluate

CANONICAL = '[experiments.{}]\nprovider = "canonical"\n'
UNREACHABLE = '[servers.s]\nbase_url = "http://127.0.0.1:9/v1"\nmodel = "m"\n'


@pytest.mark.parametrize(
    ("arg", "hint"),
    [
        (
            "humaneval::test_problem[fewshot-v1.b-HumanEval/0-has_close_elements]",
            "add --humaneval-experiment=fewshot-v1.b",
        ),
        ("humaneval::test_problem[samples-HumanEval/0-f]", "add --humaneval-samples=PATH"),
        ("humaneval", "add --humaneval-experiment=NAME (pytest --humaneval-list shows the names)"),
        ("--humaneval-fail-under=50%", "add --humaneval-experiment=NAME"),
        ("--humaneval-baseline=main", "add --humaneval-experiment=NAME"),
    ],
)
@pytest.mark.parametrize("mode", PLAIN_AND_WORKERS)
def test_what_needs_an_experiment_asks_for_one(
    evaluate: Evaluate, arg: str, hint: str, mode: Sequence[str]
) -> None:
    """A pasted node id, and a gate flag alone: one line with the flag that is missing, status 4."""
    finished = evaluate(arg, *mode)

    (error,) = [line for line in finished.result.errlines if line.startswith("ERROR: ")]
    assert error.startswith(f"ERROR: {arg.partition('=')[0]}: no experiment is named")
    assert error.endswith(hint) or f"{hint} (" in error
    assert finished.status == pytest.ExitCode.USAGE_ERROR


@pytest.mark.parametrize("where", ["ini", "addopts", "environment"])
def test_a_gate_without_an_experiment_is_not_asked(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, evaluate: Evaluate, where: str
) -> None:
    """Where the gate is the project's, its own tests run as ever, and the header says what is not judged."""
    gate = {"ini": "humaneval_fail_under = 50%", "addopts": "addopts = --humaneval-fail-under=50%"}
    pytester.makeini(f"[pytest]\n{gate.get(where, '')}\n")
    if where == "environment":
        monkeypatch.setenv("HUMANEVAL_FAIL_UNDER", "50%")
    pytester.makepyfile(test_own="def test_own(): pass")

    finished = evaluate()

    assert finished.status == 0
    assert "humaneval: no experiment is named, so the gate (fail-under) is not asked" in finished.text


def test_a_folder_of_the_suite_s_name_is_a_folder(pytester: pytest.Pytester, evaluate: Evaluate) -> None:
    """A project may have a folder ``humaneval`` of its own; its tests run without any hint."""
    (pytester.mkdir("humaneval") / "test_own.py").write_text("def test_own(): pass\n")

    evaluate("humaneval").result.assert_outcomes(passed=1)


def test_the_experiments_file_of_the_checkout_is_found_in_its_subfolders(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, evaluate: Evaluate
) -> None:
    """Without an ini file it is looked for upward from the current folder, for runs and servers alike."""
    pytester.mkdir(".git")
    (pytester.path / "experiments.toml").write_text(UNREACHABLE + CANONICAL.format("mine"))
    folder = pytester.path / "a" / "b"
    folder.mkdir(parents=True)
    monkeypatch.chdir(folder)

    assert evaluate("--humaneval-experiment=mine", "--humaneval-tasks=0").status == 0
    command = [sys.executable, "-m", "pytest_humaneval.server", "status", "s"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout == "s: not running\n"


@pytest.mark.parametrize(
    ("ini", "read"),
    [
        pytest.param(None, None, id="above-without-a-checkout"),
        pytest.param("sub", "sub", id="above-the-ini-file"),
    ],
)
def test_an_unknown_experiment_comes_with_the_file_that_was_not_read(
    pytester: pytest.Pytester,
    monkeypatch: pytest.MonkeyPatch,
    evaluate: Evaluate,
    ini: str | None,
    read: str | None,
) -> None:
    """The error names the file that was read, and the one above it where the experiment may be."""
    above = pytester.path / "experiments.toml"
    above.write_text(CANONICAL.format("above"))
    folder = pytester.mkdir("sub")
    if ini:
        (folder / "pytest.ini").write_text("[pytest]\n")
        (folder / "experiments.toml").write_text(CANONICAL.format("mine"))
    monkeypatch.chdir(folder)

    finished = evaluate("--humaneval-experiment=above")

    (error,) = [line for line in finished.result.errlines if line.startswith("ERROR: ")]
    assert error.startswith(
        f"ERROR: {folder / 'experiments.toml' if read else EXPERIMENTS}: no experiment is"
    )
    assert f"not read: {above}" in error


def test_the_ini_file_s_folder_comes_first(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, evaluate: Evaluate
) -> None:
    """A run in a subfolder takes the experiments of the project, not those that lie in the subfolder."""
    pytester.makeini("[pytest]\n")
    (pytester.path / "experiments.toml").write_text(CANONICAL.format("mine"))
    folder = pytester.mkdir("sub")
    (folder / "experiments.toml").write_text(CANONICAL.format("other"))
    monkeypatch.chdir(folder)

    evaluate("--humaneval-list").result.stdout.fnmatch_lines(
        [f"experiments of {pytester.path}/experiments.toml:"]
    )


@pytest.mark.parametrize("mode", PLAIN_AND_WORKERS)
def test_a_server_that_is_down_ends_the_run_with_one_plain_line(
    pytester: pytest.Pytester, evaluate: Evaluate, mode: Sequence[str]
) -> None:
    """The plugin's name and the reason; no class of pytest's, and no word of Docker."""
    (pytester.path / "experiments.toml").write_text(
        UNREACHABLE + '[experiments.e]\nserver = "s"\nstrategy = "fewshot_v1"\n'
    )

    finished = evaluate("--humaneval-experiment=e", "--humaneval-tasks=0", *mode)

    assert finished.status == pytest.ExitCode.USAGE_ERROR
    (line,) = [line for line in finished.result.outlines if "127.0.0.1:9" in line]
    assert line.startswith("! humaneval: http://127.0.0.1:9/v1: no server answers here")
    assert "outcomes.Exit" not in finished.text
    assert "docker" not in finished.text


@pytest.mark.parametrize("mode", PLAIN_AND_WORKERS)
def test_the_file_of_pytest_json_report_has_its_environment(
    pytester: pytest.Pytester, evaluate: Evaluate, mode: Sequence[str]
) -> None:
    """What pytest-metadata collects is in it, also beside a version that keeps it elsewhere."""
    evaluate("--humaneval-experiment=canonical", "--humaneval-tasks=0", "--json-report", *mode)

    environment = json.loads((pytester.path / ".report.json").read_text())["environment"]
    assert {"Python", "Platform", "Plugins"} <= environment.keys()


def test_what_is_empty_is_not_shown_as_an_empty_tuple(pytester: pytest.Pytester, evaluate: Evaluate) -> None:
    """Neither in the page's manifest nor where a setting differs from the baseline's."""
    file = pytester.path / "experiments.toml"
    flags = ("--humaneval-experiment=e", "--humaneval-tasks=0", "--humaneval-html=page.html")
    file.write_text(CANONICAL.format("e") + 'stop = ["#"]\n')
    (pytester.path / "before.json").write_text(json.dumps(evaluate(*flags).report))
    file.write_text(CANONICAL.format("e"))

    finished = evaluate(*flags, "--humaneval-baseline=before.json")

    finished.result.stdout.fnmatch_lines(["  different settings: sampling: stop [[]'#'] then, none now"])
    assert "<td>()</td>" not in (pytester.path / "page.html").read_text()
