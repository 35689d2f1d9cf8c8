"""``read_problems`` and ``extract``: the dataset, and the program in a model's text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import pytest_humaneval as ph
from pytest_humaneval.core.errors import ConfigError


def test_the_problems_come_in_their_order() -> None:
    """All 164, each with its fields."""
    problems = ph.read_problems()

    assert [problem.task_id for problem in problems] == [f"HumanEval/{number}" for number in range(164)]
    assert problems[3].entry_point == "below_zero"
    assert isinstance(problems[3], ph.Problem)


@pytest.mark.parametrize("kind", [str, Path])
def test_another_dataset_is_a_file(folder: Path, kind: Any) -> None:  # noqa: ANN401
    """By text or by path."""
    assert [problem.task_id for problem in ph.read_problems(kind(folder / "easy.jsonl"))][:2] == [
        "Easy/0",
        "Easy/1",
    ]


@pytest.mark.parametrize("dataset", ["humaneval*", "humanevil", "", 3, None])
def test_what_is_no_dataset_is_one_line(dataset: Any) -> None:  # noqa: ANN401
    """No name that is known, and no file."""
    with pytest.raises(ConfigError) as error:
        ph.read_problems(dataset)

    assert "\n" not in str(error.value)


def test_a_program_is_taken_out_of_a_text() -> None:
    """As an experiment with that post-processing does it; what changed the text is recorded."""
    text = "Sure!\n```python\ndef below_zero(operations):\n    return False\n```\nHope it helps."

    extraction = ph.extract(text, "HumanEval/3")

    assert extraction.solution is not None
    assert extraction.solution.endswith("def below_zero(operations):\n    return False")
    assert "Hope" not in extraction.solution
    assert "choose_code" in [step.name for step in extraction.steps]
    assert ph.judge(extraction.solution, 3).outcome is ph.Outcome.WRONG_ANSWER


def test_the_post_processing_is_the_caller_s() -> None:
    """A name, or a list of steps; without any the text continues the prompt as it is."""
    text = "```python\n    return 1\n```"

    untouched = ph.extract(text, 3, "none")

    assert untouched.solution == ph.read_problems()[3].prompt + text
    assert [step.name for step in ph.extract(text, 3, ["first_fence"]).steps] == ["first_fence"]


def test_a_text_without_code_has_no_solution() -> None:
    """And judging that is no error: it is the outcome no_code."""
    extraction = ph.extract("", 3)

    assert extraction.solution is None
    assert ph.judge_many([(3, extraction.solution)])[0].outcome is ph.Outcome.NO_CODE


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((3, 3), "^extract, text: found 3, expected a model's text$"),
        (("", "nope"), "^task_id: humaneval has no problem 'nope'; "),
        (("", 3, "auot"), "'auot'; did you mean 'auto'"),
        (("", 3, ["first_fense"]), "'first_fense'; did you mean 'first_fence'"),
        (("", 3, 7), "^extract, postprocess: found 7, expected "),
    ],
)
def test_a_wrong_argument_is_one_line(arguments: Any, message: str) -> None:  # noqa: ANN401
    """It says what was found and what is expected."""
    with pytest.raises(ConfigError, match=message):
        ph.extract(*arguments)
