"""Turns of a chat strategy: several of its own, and worked examples from a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_humaneval.core.config.strategy import read_strategy
from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.core.prompt_ending import with_prefill
from pytest_humaneval.core.records import Message, Sampling
from tests.core.config.test_strategy import write
from tests.support.records_made import problem

MESSAGES = """
messages = [
    {role = "system", content = "You write {entry_point}."},
    {role = "user", content = "Ready?"},
    {role = "assistant", content = "Yes, for {entry_point} {x} and {problem}."},
    {role = "user", content = "{problem}{problem}"},
]
"""


def turns(folder: Path, text: str, examples: str | None = None) -> list[tuple[str, str]]:
    """Return role and content of each message that a strategy sends for problem 1."""
    path = write(folder, text)
    if examples is not None:
        path.with_name("examples.jsonl").write_text(examples, encoding="utf-8")
    request = read_strategy([folder], "chat", "mine").render(problem(1), "m", Sampling())
    return [(message.role, message.content) for message in request.messages]


def refusal(folder: Path, text: str, examples: str | None = None) -> str:
    """Return the message of the refusal, without the folder."""
    with pytest.raises(ConfigError) as caught:
        turns(folder, text, examples)
    return str(caught.value).replace(f"{folder}/chat/mine/", "")


def test_every_turn_is_sent_with_its_placeholders_replaced(tmp_path: Path) -> None:
    """In each of them, any number of times, and nothing else with braces."""
    prompt = problem(1).prompt

    assert turns(tmp_path, MESSAGES) == [
        ("system", "You write f."),
        ("user", "Ready?"),
        ("assistant", f"Yes, for f {{x}} and {prompt}."),
        ("user", prompt + prompt),
    ]


def test_examples_of_a_file_stand_before_the_last_turn_letter_by_letter(tmp_path: Path) -> None:
    """Nothing in them is a placeholder, and a line separator inside a text ends no line."""
    lines = '{"user": "{problem} \u2028?", "assistant": "{}"}\n\n{"user": "b", "assistant": "c"}\n'

    text = 'system = "s"\nuser = "{entry_point} {docstring}"\nexamples_file = "examples.jsonl"'
    found = turns(tmp_path, text, lines)

    assert found == [
        ("system", "s"),
        ("user", "{problem} \u2028?"),
        ("assistant", "{}"),
        ("user", "b"),
        ("assistant", "c"),
        ("user", "f Return 1."),
    ]


def test_messages_and_examples_go_together(tmp_path: Path) -> None:
    """The examples are the last thing before the question."""
    found = turns(tmp_path, f'{MESSAGES}examples_file = "examples.jsonl"', '{"user": "b", "assistant": "c"}')

    assert [role for role, _ in found] == ["system", "user", "assistant", "user", "assistant", "user"]
    assert found[3:5] == [("user", "b"), ("assistant", "c")]


def turn(role: str, content: str = "{problem}") -> str:
    """Return a turn as prompt.toml has it."""
    return f'{{role = "{role}", content = "{content}"}}'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            f'user = "{{problem}}"\nmessages = [{turn("user")}]',
            ", user: there are messages, too; write it",
        ),
        (f'system = "x"\nmessages = [{turn("user")}]', ", system: there are messages, too"),
        ("messages = []", ", messages: found [], expected a list of turns"),
        ("messages = [1]", ", messages[0]: found 1, expected a table of keys"),
        ('messages = [{role = "user"}]', ", messages[0]: key 'content' is missing; write text that is not"),
        ('messages = [{content = "x"}]', ", messages[0]: key 'role' is missing; write one of system, user"),
        (f"messages = [{turn('tool')}]", ", messages[0], role: found 'tool', expected one of system, user"),
        (f"messages = [{turn('user', '')}]", ", messages[0], content: found '', expected text that is not"),
        (
            f"messages = [{turn('user')}, {turn('system')}]",
            ", messages[1]: a turn of the system comes first, and only once",
        ),
        (
            f"messages = [{turn('system')}, {turn('system')}, {turn('user')}]",
            ", messages[1]: a turn of the system comes first",
        ),
        (
            f"messages = [{turn('user')}, {turn('assistant')}]",
            ", messages[1]: the last turn must be the user's; how an answer begins is said by assistant",
        ),
        (f"messages = [{turn('user', 'x')}]", ", messages: the placeholder {problem} occurs 0 times"),
        ('user = "{problem}"\nexamples_file = "no.jsonl"', ", examples_file: "),
        ('user = "{problem}"\nexamples_file = "../x.jsonl"', ", examples_file: found '../x.jsonl', expected"),
    ],
)
def test_turns_that_cannot_be_sent_are_refused(tmp_path: Path, text: str, message: str) -> None:
    """The message names the file, the turn, what was found and what to write."""
    assert refusal(tmp_path, text).startswith(f"prompt.toml{message}")


@pytest.mark.parametrize(
    ("examples", "message"),
    [
        ("", ": it has no example; write one on each line"),
        ('{"user": "a", "assistant": "b"}\n{', ", line 2: not valid JSON ("),
        ("[1]", ', line 1: found [1], expected {"user": "...", "assistant": "..."}'),
        ('{"user": "a"}', ", line 1: key 'assistant' is missing; write text that is not empty"),
        ('{"user": "a", "asistant": "b"}', ", line 1: unknown key 'asistant'; did you mean 'assistant'?"),
        ('{"user": "a", "assistant": ""}', ", line 1, assistant: found '', expected text that is not empty"),
        ("[" * 100_000, ", line 1: not valid JSON ("),
    ],
)
def test_a_line_that_is_no_example_is_refused(tmp_path: Path, examples: str, message: str) -> None:
    """The message names the file and the line."""
    found = refusal(tmp_path, 'user = "{problem}"\nexamples_file = "examples.jsonl"', examples)

    assert found.startswith(f"examples.jsonl{message}")


def test_an_example_of_a_completion_is_a_part_of_its_text(tmp_path: Path) -> None:
    """A completion has no turns to put examples between."""
    write(tmp_path, 'text = "{problem}"\nexamples_file = "x"', "completion")

    with pytest.raises(ConfigError, match="unknown key 'examples_file'"):
        read_strategy([tmp_path], "completion", "mine")


def test_a_prefilled_answer_follows_the_last_turn(tmp_path: Path) -> None:
    """An experiment's assistant_prefill begins the answer to the question, after all examples."""
    write(tmp_path, MESSAGES)
    request = read_strategy([tmp_path], "chat", "mine").render(problem(1), "m", Sampling())

    assert with_prefill(request.messages, "```")[-2:] == (request.messages[-1], Message("assistant", "```"))
