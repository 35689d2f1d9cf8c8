"""The names of post-processings and steps, and what the simple ones do."""

from __future__ import annotations

import pytest

from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.core.extraction import POSTPROCESSINGS, STEPS, extract, has_repairs, resolve
from pytest_humaneval.core.problem import Stub
from pytest_humaneval.core.records import Completion

STUB = Stub('def double(x):\n    """Twice x."""\n', "double")


def test_none_runs_the_prompt_followed_by_the_raw_text() -> None:
    """Without steps not even a fence is interpreted."""
    extraction = extract(Completion("```python\nreturn 2 * x\n```"), STUB, resolve("none"))

    assert STUB.prompt + "```python\nreturn 2 * x\n```" == extraction.solution
    assert extraction.steps == ()


def test_a_completion_continues_the_prompt_whatever_the_steps() -> None:
    """A text of form ``completion`` is never post-processed."""
    completion = Completion("    return 2 * x\n\nprint(double(1))\n", form="completion")

    assert STUB.prompt + completion.text == extract(completion, STUB, resolve("auto")).solution


def test_a_solution_is_the_program_whatever_the_steps() -> None:
    """A text of form ``solution`` is never post-processed."""
    completion = Completion("double = lambda x: 2 * x\nprint(double(1))\n", form="solution")

    assert completion.text == extract(completion, STUB, resolve("auto")).solution


def test_a_future_import_stays_the_first_statement() -> None:
    """What the prompt imports is put below it: elsewhere it would be a syntax error."""
    stub = Stub("import math\n\ndef double(x):\n", "double")
    code = "from __future__ import annotations\nimport os\n\ndef double(x: X) -> X:\n    return 2 * x\n"

    solution = extract(Completion(f"```python\n{code}```"), stub, resolve("auto")).solution

    assert solution is not None
    assert [line for line in solution.split("\n") if "import" in line] == [
        "from __future__ import annotations",
        "import math",
        "import os",
    ]


@pytest.mark.parametrize("unit", ["  ", "\t", "    "])
def test_a_bare_body_gets_the_indentation_of_the_prompt(unit: str) -> None:
    """Two spaces or a tab, as below the signature."""
    stub = Stub(f'def double(x):\n{unit}"""Twice x."""\n', "double")

    found = extract(Completion("x = 2 * x\nreturn x\n"), stub, resolve("auto"))

    assert found.solution == f"{stub.prompt}{unit}x = 2 * x\n{unit}return x"


def test_post_chat_puts_only_the_body_under_the_prompt() -> None:
    """The body alone is taken: the helper above it is lost, and the docstring is the prompt's."""
    text = '```python\ndef help():\n    pass\n\ndef double(x):\n    """Mine."""\n    return 2 * x\n```'

    assert (
        STUB.prompt + "    return 2 * x\n" == extract(Completion(text), STUB, resolve("post_chat")).solution
    )


def test_every_post_processing_is_a_list_of_known_steps() -> None:
    """A name in the table never leads to a missing step."""
    assert all(set(resolve(name)) <= set(STEPS) for name in POSTPROCESSINGS)


def test_a_list_of_step_names_is_a_post_processing() -> None:
    """A new post-processing needs no code."""
    assert resolve(["drop_reasoning", "choose_code"]) == ("drop_reasoning", "choose_code")


@pytest.mark.parametrize(
    ("configured", "closest"),
    [("atuo", "auto"), ("post_cht", "post_chat"), (["drop_resoning"], "drop_reasoning")],
)
def test_an_unknown_name_is_refused_with_the_closest_one(configured: str | list[str], closest: str) -> None:
    """A typing error gets a suggestion."""
    with pytest.raises(ConfigError, match=f"did you mean '{closest}'"):
        resolve(configured)


@pytest.mark.parametrize("name", ["none", "auto", "post_chat"])
def test_post_processings_that_only_change_the_format_hold_no_repair(name: str) -> None:
    """What passes with these is the model's own."""
    assert not has_repairs(name)


@pytest.mark.parametrize("text", ["", " \n\t\n", "I'm sorry, but I cannot help with that."])
def test_a_text_without_code_gives_no_solution(text: str) -> None:
    """A refusal is no program, not a wrong one."""
    assert extract(Completion(text), STUB, resolve("auto")).solution is None
