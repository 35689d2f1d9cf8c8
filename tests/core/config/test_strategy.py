"""Strategies: folders with the template of a request."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pytest_humaneval.core.config.placeholders import misfit
from pytest_humaneval.core.config.strategy import Strategy, read_strategy
from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.core.records import Api, Message, Request, Sampling
from tests.support.records_made import problem

SAMPLING = Sampling(stop=("\n\n",))


def write(folder: Path, text: str, api: Api = "chat", name: str = "mine") -> Path:
    """Write a strategy's prompt.toml."""
    path = folder / api / name / "prompt.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_a_chat_strategy_sends_system_and_user(tmp_path: Path) -> None:
    """Each with the problem's texts where its placeholders are."""
    write(tmp_path, 'about = "a"\nsystem = "{entry_point}?"\nuser = "do\\n{problem}!"')
    strategy = read_strategy([tmp_path], "chat", "mine")
    turns = (Message("system", "f?"), Message("user", f"do\n{problem(1).prompt}!"))

    assert strategy.render(problem(1), "m", SAMPLING) == Request("m", "chat", turns, SAMPLING)


def test_a_completion_strategy_sends_one_text(tmp_path: Path) -> None:
    """There is nothing but the text with the prompt in it."""
    write(tmp_path, 'text = "{problem}"', "completion")

    request = read_strategy([tmp_path], "completion", "mine").render(problem(1), "m", SAMPLING)

    assert request.text == problem(1).prompt
    assert len(request.messages) == 1


def test_a_completion_may_have_a_suffix(tmp_path: Path) -> None:
    """For servers that fill in the middle; what it holds belongs to the task as the text does."""
    write(tmp_path, 'text = "{prefix}"\nsuffix = "<{suffix}{entry_point}"', "completion")
    strategy = read_strategy([tmp_path], "completion", "mine")
    row = replace(problem(1), suffix="    return 1\n")

    request = strategy.render(row, "m", SAMPLING)

    assert (request.text, request.suffix) == (row.prompt, "<    return 1\nf")
    assert misfit(strategy.template, [row]) is None
    assert "{suffix}" in (misfit(strategy.template, [problem(1)]) or "")


def test_templates_are_plain_text() -> None:
    """Braces, dollars, percent signs and backslashes mean nothing, in the template or in the prompt."""
    odd = r"{} {x} {{y}} $z ${w} %s %(v)d \1 \g<0>"
    strategy = Strategy("s", "completion", "", (Message("user", f"{odd}{{problem}}{odd}"),))
    row = problem(0, entry_point=f"{odd}{{problem}}")

    assert strategy.render(row, "m", SAMPLING).text == f"{odd}{row.prompt}{odd}"


def test_the_first_folder_that_has_a_strategy_wins(tmp_path: Path) -> None:
    """A project's own strategy takes the place of a shipped one; the others stay."""
    own, shipped = tmp_path / "own", tmp_path / "shipped"
    write(own, 'user = "own {problem}"')
    write(shipped, 'user = "shipped {problem}"')
    write(shipped, 'user = "other {problem}"', name="other")

    found = [read_strategy([own, shipped], "chat", name).template for name in ("mine", "other")]

    assert found == ["own {problem}", "other {problem}"]


@pytest.mark.parametrize(
    ("line", "expected"),
    [("", ()), ("stop = []", ()), (r'stop = ["\nassert", "[DONE]"]', ("\nassert", "[DONE]"))],
)
def test_a_strategy_may_say_where_answers_stop(tmp_path: Path, line: str, expected: object) -> None:
    """In its prompt.toml; by default nowhere."""
    write(tmp_path, f'user = "{{problem}}"\n{line}')

    assert read_strategy([tmp_path], "chat", "mine").stop == expected


@pytest.mark.parametrize(("text", "expected"), [('"none"', "none"), ('["a", "b"]', ("a", "b"))])
def test_a_strategy_may_define_auto(tmp_path: Path, text: str, expected: object) -> None:
    """A name or a list of step names."""
    write(tmp_path, f'user = "{{problem}}"\npostprocess = {text}')

    assert read_strategy([tmp_path], "chat", "mine").postprocess == expected


def test_a_strategy_may_have_its_own_function_or_steps_but_not_both(tmp_path: Path) -> None:
    """One of the two defines auto, never both."""
    path = write(tmp_path, 'user = "{problem}"')
    own_file = path.with_name("postprocess.py")
    own_file.touch()

    assert read_strategy([tmp_path], "chat", "mine").postprocess_file == own_file

    write(tmp_path, 'user = "{problem}"\npostprocess = "none"')
    with pytest.raises(ConfigError, match=r"there is a postprocess\.py beside it; keep one of the two"):
        read_strategy([tmp_path], "chat", "mine")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('about = "a"', ": key 'user' is missing; write the template that holds {problem}"),
        ('user = "a"', ", user: the placeholder {problem} occurs 0 times; write it where the problem"),
        ('text = "{problem}"', ": unknown key 'text'; known are: about, stop"),
        ('user = "{problem}"\nstop = "x"', ", stop: found 'x', expected a list of non-empty strings"),
        (
            "user = '{problem}'\nstop = ['\\n']",
            ", stop[0]: '\\\\n' holds a backslash and an n, not a newline",
        ),
        ("user = 1", ", user: found 1, expected text"),
        ('user = "{problem}"\npostprocess = [1]', ", postprocess: found [1], expected a name or a list"),
        ("user", ": not valid TOML: "),
    ],
)
def test_a_bad_prompt_file_is_reported(tmp_path: Path, text: str, message: str) -> None:
    """The message names the file, the key and what to write."""
    path = write(tmp_path, text)

    with pytest.raises(ConfigError) as caught:
        read_strategy([tmp_path], "chat", "mine")

    assert str(caught.value).startswith(f"{path}{message}")


def test_an_unknown_strategy_is_reported_with_the_closest_one_of_its_api(tmp_path: Path) -> None:
    """The message has the path that was expected; a strategy of the other API is not suggested."""
    write(tmp_path, 'user = "{problem}"', name="minimal")
    write(tmp_path, 'text = "{problem}"', "completion", name="minimum")

    with pytest.raises(ConfigError) as caught:
        read_strategy([tmp_path], "chat", "minimum")

    expected = tmp_path / "chat" / "minimum" / "prompt.toml"
    assert str(caught.value) == (
        f"no chat strategy is called 'minimum': there is no {expected}; did you mean 'minimal'?"
    )
