"""Training examples: reading and splitting them, and keeping HumanEval's held-out problems out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pytest_humaneval.core.datasets import read_problems
from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.tuning.config import read_config
from pytest_humaneval.tuning.examples import Examples, read_examples
from tests.support.trainings import lessons, write_training


def examples(folder: Path, rows: list[dict[str, str]] | None = None, **settings: Any) -> Examples:  # noqa: ANN401
    """Return the examples of a configuration."""
    config = write_training(folder, rows, **settings)
    return read_examples(read_config(config), folder)


def test_a_file_is_split_by_the_seed(tmp_path: Path) -> None:
    """A share is for validation, the rest is learned from, none is in both; a seed always splits alike."""
    first = examples(tmp_path)
    other = examples(tmp_path, seed=1)

    learned, validation = ({e.task_id for e in part} for part in (first.learned, first.validation))
    assert (len(learned), len(validation)) == (16, 4)
    assert learned | validation == {row["task_id"] for row in lessons()}
    assert first == examples(tmp_path)
    assert first.validation != other.validation
    assert first.trained_on == first.held_out == ()


@pytest.mark.parametrize(
    ("held_out", "expected"),
    [
        ("120-163", [f"HumanEval/{number}" for number in range(120, 164)]),
        ("sum_to_n,7", ["HumanEval/7", "HumanEval/60"]),
    ],
)
def test_what_is_held_out_of_humaneval_is_in_no_other_part(
    tmp_path: Path, held_out: str, expected: list[str]
) -> None:
    """The three parts have no problem in common, and together they are the dataset."""
    split = examples(tmp_path, data="humaneval", held_out=held_out)

    assert list(split.held_out) == expected
    assert not set(split.trained_on) & set(expected)
    assert {*split.trained_on, *expected} == {problem.task_id for problem in read_problems()}


def test_a_share_is_held_out_by_the_seed(tmp_path: Path) -> None:
    """A quarter of 164 is 41; another seed holds out others."""
    one, two = (examples(tmp_path, data="humaneval", held_out=0.25, seed=seed) for seed in (1, 2))

    assert len(one.held_out) == 41
    assert one.held_out != two.held_out


def test_chats_are_answered_with_the_whole_function_in_a_fence(tmp_path: Path) -> None:
    """An instruct model answers like that."""
    split = examples(tmp_path, data="humaneval", held_out="0", api="chat", strategy="fewshot_v1")

    assert all(e.canonical_solution.startswith(f"```python\n{e.prompt}") for e in split.learned)
    assert all(e.canonical_solution.endswith("\n```") for e in split.learned)


@pytest.mark.parametrize("part", ["prompt", "solution"])
def test_humaneval_in_a_users_file_is_refused(tmp_path: Path, part: str) -> None:
    """Its text is recognized under any task id and with any white space."""
    problem = read_problems()[10]
    text = problem.prompt if part == "prompt" else problem.canonical_solution
    rows = lessons()
    rows[2] = {**rows[2], part: "\n\n" + text.replace("    ", "\t")}

    with pytest.raises(ConfigError, match=r'line 3: this is HumanEval/10; .* data = "humaneval"'):
        examples(tmp_path, rows)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{broken", "line 2: not JSON"),
        ("[1]", "line 2: found list"),
        ('{"prompt": "a"}', "line 2, solution: found None"),
        ('{"prompt": "a", "solution": " \\n"}', "line 2, solution: found ' \\\\n'"),
        ('{"prompt": 1, "solution": "b"}', "line 2, prompt: found 1"),
        ('{"task_id": "times_2", "prompt": "a", "solution": "b"}', "'times_2' stands there twice"),
    ],
)
def test_a_broken_line_is_named(tmp_path: Path, line: str, message: str) -> None:
    """The message gives the line's number, the field and what was found."""
    config = write_training(tmp_path, lessons(1))
    with (tmp_path / "lessons.jsonl").open("a") as file:
        file.write(line + "\n")

    with pytest.raises(ConfigError, match=message):
        read_examples(read_config(config), tmp_path)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    """The message gives its path."""
    with pytest.raises(ConfigError, match=r"nowhere.jsonl: the training data cannot be read"):
        examples(tmp_path, data="nowhere.jsonl")


def test_a_file_that_is_too_small_is_refused(tmp_path: Path) -> None:
    """One example cannot be both learned from and validated with."""
    with pytest.raises(ConfigError, match="1 examples are too few"):
        examples(tmp_path, lessons(1))
