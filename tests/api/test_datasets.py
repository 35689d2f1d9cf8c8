"""Datasets by their names, wherever a function takes one."""

from __future__ import annotations

from pathlib import Path

import pytest

import pytest_humaneval as ph
from tests.support.dataset_rows import EVALPLUS, MBPP, write

RIGHT, WRONG = "def double(x): return x + x", "def double(x): return x"


@pytest.fixture(autouse=True)
def datasets(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder with files of two datasets, which the environment names."""
    (folder / "files").mkdir()
    monkeypatch.setenv("HUMANEVAL_DATASETS", "files")
    write(folder / "files" / "mbpp.jsonl", MBPP)
    write(folder / "files" / "HumanEvalPlus.jsonl", EVALPLUS)


def test_a_dataset_s_problems_are_read_by_its_name() -> None:
    """The file is looked for where the environment says."""
    assert [problem.task_id for problem in ph.read_problems("mbpp")] == ["Mbpp/900"]
    assert [problem.has_base_tests for problem in ph.read_problems("humaneval+")] == [True]


@pytest.mark.parametrize("task_id", ["Mbpp/900", 900, "900", "double"])
def test_a_problem_of_a_named_dataset_is_known_by_what_it_is_called(task_id: str | int) -> None:
    """Task id, number or entry point."""
    assert ph.judge(RIGHT, task_id, dataset="mbpp").outcome is ph.Outcome.PASSED


def test_many_programs_are_judged_on_a_named_dataset() -> None:
    """In order."""
    verdicts = ph.judge_many([(900, WRONG), (900, RIGHT)], dataset="mbpp")

    assert [verdict.outcome for verdict in verdicts] == [ph.Outcome.WRONG_ANSWER, ph.Outcome.PASSED]


def test_a_program_is_taken_out_of_a_text_for_a_named_dataset() -> None:
    """By its entry point."""
    assert ph.extract(f"```python\n{RIGHT}\n```", 900, dataset="mbpp").solution is not None


def test_an_experiment_is_evaluated_on_a_named_dataset() -> None:
    """It overrides what the experiment names."""
    assert [result.task_id for result in ph.evaluate("canonical", dataset="mbpp").results] == ["Mbpp/900"]


def test_without_a_dataset_it_is_the_experiment_s(folder: Path) -> None:
    """Whose name, or HumanEval's, may be given to override it."""
    table = '[experiments.own]\nprovider = "canonical"\ndataset = "mbpp"\n'
    (folder / "experiments.toml").write_text(table)

    own, other = ph.evaluate("own"), ph.evaluate("own", dataset="humaneval", max_problems=1)

    assert [result.task_id for run in (own, other) for result in run.results] == ["Mbpp/900", "HumanEval/0"]
