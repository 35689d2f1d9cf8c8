"""The commands that run instead of the suite: self-test and replay of a report."""

from __future__ import annotations

import json

import pytest

from tests.support.easy_problems import easy_dataset
from tests.support.evaluating import Evaluate, completion, write_samples

RIGHT, WRONG = "    return number % 1.0\n", "    return number\n"


def test_the_self_test_of_a_working_harness_passes(pytester: pytest.Pytester) -> None:
    """Right answers pass in every form, stubs do not, and the sandbox stops every bad program."""
    result = pytester.runpytest_subprocess("--humaneval-selftest", timeout=120)

    assert result.ret == 0
    lines = [line for line in result.outlines if line.startswith("ok  ")]
    assert sum("canonical solutions, " in line and line.endswith(": 164/164") for line in lines) == 15
    result.stdout.fnmatch_lines(
        [
            "ok *stubs that return None do not pass: 164/164",
            "info  examples in prompts: 463 in 159 of 164 problems; 8 do not hold for the *",
            "      HumanEval/47 (1), HumanEval/116 (3), HumanEval/130 (3), HumanEval/148 (1)",
            "self-test: all is well*",
        ]
    )


def test_a_broken_dataset_fails_the_self_test(pytester: pytest.Pytester) -> None:
    """A canonical solution that is wrong, and a test that a stub passes, are reported by name."""
    row = {
        "task_id": "Bad/0",
        "prompt": "def f():\n",
        "entry_point": "f",
        "canonical_solution": "    return 1\n",
        "test": "def check(candidate):\n    assert candidate() is None\n",
    }
    (pytester.path / "bad.jsonl").write_text(json.dumps(row) + "\n")

    result = pytester.runpytest_subprocess(
        "--humaneval-selftest", "--humaneval-dataset=bad.jsonl", timeout=120
    )

    assert result.ret == 1
    result.stdout.fnmatch_lines(
        [
            "FAIL  canonical solutions, *: 0/1",
            "*Bad/0: wrong_answer*",
            "FAIL  stubs *: 0/1",
            "*Bad/0: passed*",
        ]
    )


@pytest.fixture
def report(pytester: pytest.Pytester, evaluate: Evaluate) -> dict[str, object]:
    """A report of one right answer, one wrong one, one without code and one cut off."""
    rows = [
        completion(2, RIGHT),
        completion(2, WRONG),
        {"task_id": "HumanEval/2", "raw": "I cannot help with that."},
        {
            "task_id": "HumanEval/2",
            "raw": "```python\ndef truncate_number(number):\n    ret",
            "finish_reason": "length",
        },
    ]
    write_samples(pytester.path / "samples.jsonl", rows)
    return evaluate("--humaneval-samples=samples.jsonl", "--tb=no").report


@pytest.mark.usefixtures("report")
def test_a_replay_gives_the_same_verdicts(pytester: pytest.Pytester) -> None:
    """The report's programs alone, without samples, model or experiments file."""
    (pytester.path / "samples.jsonl").unlink()

    result = pytester.runpytest_subprocess("--humaneval-replay=report.json", timeout=120)

    assert result.ret == 0
    result.stdout.fnmatch_lines(["samples: * verdicts are the same*"])


def test_a_replay_lists_what_differs(pytester: pytest.Pytester, report: dict[str, dict]) -> None:  # type: ignore[type-arg] # JSON
    """A verdict that the program does not give is printed with experiment, problem and sample."""
    report["experiments"]["samples"]["results"][0]["samples"][1]["outcome"] = "passed"
    (pytester.path / "forged.json").write_text(json.dumps(report))

    result = pytester.runpytest_subprocess("--humaneval-replay=forged.json", timeout=120)

    assert result.ret == 1
    result.stdout.fnmatch_lines(["  samples, HumanEval/2, sample 1: passed then, wrong_answer now (*"])


@pytest.mark.parametrize(
    ("name", "message"), [("nothing.json", "cannot be read"), ("samples.jsonl", "not a report")]
)
@pytest.mark.usefixtures("report")
def test_what_is_no_report_cannot_be_replayed(pytester: pytest.Pytester, name: str, message: str) -> None:
    """One line with the file's name."""
    result = pytester.runpytest_subprocess(f"--humaneval-replay={name}", timeout=120)

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert message in str(result.stderr)


ADD = "def add(a, b):\n    return a + b\n"
CHECK = "def check(candidate):\n    assert candidate(1, 2) == 3\n"
OTHERS = f"""
from pathlib import Path
from pytest_humaneval.core.datasets import Dataset
from pytest_humaneval.core.problem import Problem

CHECK = {CHECK!r}
PROBLEMS = (
    Problem("Mbpp/1", "Write a function to add two numbers.", "add", {ADD!r}, CHECK),
    Problem("Python/1", "def add(a, b):\\n", "add", "    return a + b\\n", CHECK, buggy="    return a\\n"),
)

def pytest_humaneval_register(registry):
    registry.dataset("others", lambda: Dataset(Path("others"), "0" * 64, PROBLEMS, "others"))
"""


def test_the_self_test_asks_of_a_dataset_what_it_is_for(pytester: pytest.Pytester) -> None:
    """Whole programs where a prompt is a sentence; and what is to be repaired must fail."""
    pytester.makeconftest(OTHERS)

    result = pytester.runpytest_subprocess("--humaneval-selftest", "--humaneval-dataset=others", timeout=120)

    assert result.ret == 0, result.outlines
    assert result.outlines[0] == "dataset: others (2 problems of others)"
    checks = [line for line in result.outlines if line.startswith("ok    canonical solutions, ")]
    # Fifteen forms of the body, and eight of the whole program.
    assert [line.endswith(": 1/1") for line in checks] == [True] * 23
    result.stdout.fnmatch_lines(
        [
            "ok * stubs that return None do not pass: 2/2",
            "ok * the solutions * to be repaired do not pass: 1/1",
        ]
    )


def test_a_replay_finds_the_dataset_of_each_experiment(pytester: pytest.Pytester, evaluate: Evaluate) -> None:
    """By its name or its file in the report; a flag overrides it."""
    pytester.makeconftest(OTHERS)
    (pytester.path / "easy.jsonl").write_text(easy_dataset(2))
    (pytester.path / "experiments.toml").write_text(
        '[experiments.a]\nprovider = "canonical"\n'
        '[experiments.b]\nprovider = "canonical"\ndataset = "others"\n'
        '[experiments.c]\nprovider = "canonical"\ndataset = "./easy.jsonl"\n'
    )
    path = evaluate("--humaneval-experiment=all", "--humaneval-tasks=0-1", "--tb=no").report_path

    result = pytester.runpytest_subprocess(f"--humaneval-replay={path}", timeout=120)
    refused = pytester.runpytest_subprocess(
        f"--humaneval-replay={path}", "--humaneval-dataset=others", timeout=120
    )

    result.stdout.fnmatch_lines([f"{name}: * verdicts are the same*" for name in "abc"])
    assert refused.ret == pytest.ExitCode.USAGE_ERROR
    assert "was run on another dataset (humaneval, sha256 1d49078ba3e2...; here others, " in str(
        refused.stderr
    )
