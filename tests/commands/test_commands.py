"""The commands that run instead of the suite: self-test and replay of a report."""

from __future__ import annotations

import json

import pytest

from tests.support.evaluating import Evaluate, completion, write_samples

RIGHT, WRONG = "    return number % 1.0\n", "    return number\n"


def test_the_self_test_of_a_working_harness_passes(pytester: pytest.Pytester) -> None:
    """Right answers pass in every form, stubs do not, and the sandbox stops every bad program."""
    result = pytester.runpytest_subprocess("--humaneval-selftest", timeout=120)

    assert result.ret == 0
    lines = [line for line in result.outlines if line.startswith("ok  ")]
    assert sum("canonical solutions, " in line and line.endswith(": 164/164") for line in lines) == 15
    result.stdout.fnmatch_lines(
        ["ok *stubs that return None do not pass: 164/164", "self-test: all is well*"]
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
