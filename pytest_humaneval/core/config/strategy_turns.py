"""The turns of a chat strategy: its own, as templates, and worked examples from a file beside it.

    system = "..."                                    at most a turn of the system and one of the user
    user = "..."

    messages = [{role = "user", content = "..."}]     or any number of turns

    examples_file = "examples.jsonl"                  turns before the user's last one, taken letter by letter

Each line of such a file is an object with ``user``, a question, and ``assistant``, its answer.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pytest_humaneval.core.config import placeholders
from pytest_humaneval.core.config.toml_schema import Rule, as_table, check
from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.core.records import Message

_TEXT = Rule((str,), "text that is not empty", bool)
_ROLES = ("system", "user", "assistant")
_TURN = {"role": Rule((str,), f"one of {', '.join(_ROLES)}", lambda value: value in _ROLES), "content": _TEXT}
_EXAMPLE = {"user": _TEXT, "assistant": _TEXT}

TURN_RULES: Mapping[str, Rule] = {
    "system": Rule(
        (str,), "text", meaning="The system's turn, before the user's.", example='"You are a Python expert."'
    ),
    "user": Rule(
        (str,),
        "text",
        meaning="The template of the user's turn. It holds one of the placeholders `{problem}`, `{buggy}`, "
        "`{prefix}` and `{docstring}`. Required unless there are `messages`.",
        example='"Complete this function:\\n\\n{problem}"',
    ),
    "messages": Rule(
        (list,),
        'a list of turns, such as {role = "user", content = "{problem}"}',
        bool,
        meaning="All turns, each a table of `role` (`system`, `user`, `assistant`) and `content`, instead "
        "of `system` and `user`. A turn of the system comes first, and the last turn is the user's.",
        example='[{ role = "user", content = "{problem}" }]',
    ),
    "examples_file": Rule(
        (str,),
        "the name of a file beside prompt.toml",
        bool,
        meaning="A JSONL file in the strategy's folder. Each line is an object with `user`, a question, and "
        "`assistant`, its answer: turns before the last one, sent letter by letter.",
        example='"examples.jsonl"',
    ),
}
"""The keys of prompt.toml that make up the turns."""


def turns_of(content: Mapping[str, Any], path: Path) -> tuple[Message, ...]:
    """Return the turns of a checked prompt.toml, which hold placeholders; the last one is the user's.

    Raises:
        ConfigError: a turn is missing or not as it must be, or none of them holds the problem.
    """
    if "messages" in content:
        turns, where = _turns(content, path), f"{path}, messages"
    elif "user" in content:
        system = [Message("system", content["system"])] if "system" in content else []
        turns, where = (*system, Message("user", content["user"])), f"{path}, user"
    else:
        raise ConfigError(f"{path}: key 'user' is missing; write the template that holds {{problem}}")
    if mistake := placeholders.template_mistake("\n".join(turn.content for turn in turns)):
        raise ConfigError(f"{where}: {mistake}")
    return turns


def _turns(content: Mapping[str, Any], path: Path) -> tuple[Message, ...]:
    for key in ("system", "user"):
        if key in content:
            raise ConfigError(f"{path}, {key}: there are messages, too; write it as one of them")
    turns = tuple(
        _turn(value, f"{path}, messages[{index}]") for index, value in enumerate(content["messages"])
    )
    for index, turn in enumerate(turns[1:], start=1):
        if turn.role == "system":
            raise ConfigError(f"{path}, messages[{index}]: a turn of the system comes first, and only once")
    if turns[-1].role != "user":
        raise ConfigError(
            f"{path}, messages[{len(turns) - 1}]: the last turn must be the user's; how an answer begins is "
            "said by assistant_prefill of an experiment"
        )
    return turns


def _turn(value: object, where: str) -> Message:
    table = as_table(value, where)
    check(table, _TURN, where)
    for key in _TURN:
        if key not in table:
            raise ConfigError(f"{where}: key {key!r} is missing; write {_TURN[key].expected}")
    return Message(table["role"], table["content"])


def examples_of(content: Mapping[str, Any], path: Path) -> tuple[Message, ...]:
    """Return the turns of the file of worked examples that a checked prompt.toml names; empty for none.

    Raises:
        ConfigError: the file cannot be read, or a line of it is no example; the message names file and line.
    """
    if "examples_file" not in content:
        return ()
    name = content["examples_file"]
    file = path.parent / name
    if file.parent != path.parent:
        raise ConfigError(f"{path}, examples_file: found {name!r}, expected the name of a file beside it")
    lines = _lines(file, f"{path}, examples_file")
    found = [turn for number, line in lines for turn in _example(line, f"{file}, line {number}")]
    if not found:
        raise ConfigError(f"{file}: it has no example; write one on each line")
    return tuple(found)


def _lines(file: Path, where: str) -> list[tuple[int, str]]:
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{where}: {file} cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{where}: {file} is not UTF-8 text (byte {error.start})") from error
    # Not splitlines: JSON may hold what that takes for line ends, such as U+2028.
    return [(number, line) for number, line in enumerate(text.split("\n"), start=1) if line.strip()]


def _example(line: str, where: str) -> tuple[Message, Message]:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{where}: not valid JSON ({error})") from error
    if not isinstance(value, dict):
        raise ConfigError(f'{where}: found {value!r}, expected {{"user": "...", "assistant": "..."}}')
    check(value, _EXAMPLE, where)
    for key in _EXAMPLE:
        if key not in value:
            raise ConfigError(f"{where}: key {key!r} is missing; write {_EXAMPLE[key].expected}")
    return Message("user", value["user"]), Message("assistant", value["assistant"])
