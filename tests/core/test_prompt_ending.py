"""The end of a prompt is as configured, to the character."""

from __future__ import annotations

import pytest

from pytest_humaneval.core.prompt_ending import PromptTail, with_prefill, with_tail
from pytest_humaneval.core.records import Message


@pytest.mark.parametrize(
    ("tail", "expected"), [("keep", "def f():\n  \n"), ("strip", "def f():"), ("newline", "def f():\n")]
)
def test_trailing_white_space_is_as_configured(tail: PromptTail, expected: str) -> None:
    """Kept, gone, or exactly one line end."""
    assert expected == with_tail("def f():\n  \n", tail)


def test_a_prefill_is_the_beginning_of_the_assistant_s_turn() -> None:
    """It is the last message, with the role assistant."""
    question = Message("user", "?")

    assert (question, Message("assistant", "```python\n")) == with_prefill([question], "```python\n")


def test_without_a_prefill_the_assistant_begins_its_turn() -> None:
    """An empty message would be a turn already ended."""
    question = Message("user", "?")

    assert (question,) == with_prefill([question], "")
