"""``--humaneval-init``: what it writes works as it is, and nothing of the user's is lost."""

from __future__ import annotations

import shlex
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import yaml

from tests.support.evaluating import Evaluate

ROOT = Path(__file__).parents[2]
FILES = ("experiments.toml", "strategies/chat/mine/prompt.toml", ".github/workflows/humaneval.yml")


def test_what_is_written_is_used(pytester: pytest.Pytester, evaluate: Evaluate) -> None:
    """The list shows the new experiments, a run finds the strategy, and nothing else is in the folder."""
    started = evaluate("--humaneval-init")

    assert started.status == 0
    assert [line for line in started.result.outlines if line.startswith("written: ")] == [
        f"written: {name}" for name in FILES
    ]
    listed = evaluate("--humaneval-list")
    listed.result.stdout.fnmatch_lines(
        [f"experiments of {pytester.path}/experiments.toml:", "*", "canonical *"]
    )
    assert evaluate("--humaneval-experiment=mine", "--co", "-q").status == 0


def test_the_workflow_is_valid_and_its_run_passes(pytester: pytest.Pytester, evaluate: Evaluate) -> None:
    """It keeps to GitHub's schema, and its last command of pytest judges with a gate that holds."""
    evaluate("--humaneval-init")

    checked = pytester.run(
        *(sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows", FILES[2])
    )
    assert checked.ret == 0
    steps = yaml.safe_load((pytester.path / FILES[2]).read_text())["jobs"]["humaneval"]["steps"]
    command = next(step["run"] for step in steps if "--humaneval-experiment" in step.get("run", ""))
    finished = evaluate(*shlex.split(command)[1:])
    assert finished.status == 0
    finished.result.stdout.fnmatch_lines(["gate: holds*"])


def test_no_file_is_written_over(pytester: pytest.Pytester, evaluate: Evaluate) -> None:
    """A file that exists keeps its content, and one line says so; the others are written."""
    own = pytester.path / "experiments.toml"
    own.write_text("# my own\n")

    finished = evaluate("--humaneval-init")

    assert finished.status == 0
    assert own.read_text() == "# my own\n"
    finished.result.stdout.fnmatch_lines(["kept, since it exists: experiments.toml", f"written: {FILES[1]}"])


@pytest.mark.parametrize("obstacle", ["strategies", "strategies/chat"])
def test_what_cannot_be_written_is_one_line(
    pytester: pytest.Pytester, evaluate: Evaluate, obstacle: str
) -> None:
    """A file in the place of a folder ends the command with status 4."""
    (pytester.path / obstacle).parent.mkdir(exist_ok=True)
    (pytester.path / obstacle).write_text("")

    finished = evaluate("--humaneval-init")

    assert finished.status == pytest.ExitCode.USAGE_ERROR
    assert f"--humaneval-init: {pytester.path / FILES[1]} cannot be written" in finished.text
    assert "Traceback" not in finished.text


def test_it_works_from_the_wheel(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What is copied is in the wheel: a run with the wheel's content alone writes all files."""
    build = (sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path))
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(tmp_path / "installed")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "installed"))

    assert pytester.runpytest_subprocess("--humaneval-init").ret == 0
    assert all((pytester.path / name).is_file() for name in FILES)
