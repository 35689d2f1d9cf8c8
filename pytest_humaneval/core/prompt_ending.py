"""How a prompt ends: its last white space, and the first words put into the assistant's mouth.

Neither is a detail: one line end more or less has moved a published score from 3 to 49 of 164, since it
decides whether the first token to be written is the indentation.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pytest_humaneval.core.records import Message

PromptTail = Literal["keep", "strip", "newline"]
"""``keep`` it as the dataset has it, ``strip`` all white space, or strip it and add one ``newline``."""


def with_tail(text: str, tail: PromptTail) -> str:
    """Return a prompt's text with the white space at its end as wanted."""
    if tail == "keep":
        return text
    return text.rstrip() + ("\n" if tail == "newline" else "")


def with_prefill(messages: Sequence[Message], prefill: str) -> tuple[Message, ...]:
    """Return a chat's messages, ended by the beginning of the answer; unchanged if that is empty."""
    return (*messages, Message("assistant", prefill)) if prefill else tuple(messages)
