"""The end of a prompt: its trailing white space, and the prefilled beginning of the assistant's answer.

Neither is a detail: one line end more or less has moved a published score from 3 to 49 of 164, since it
decides whether the first generated token is the indentation.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pytest_humaneval.core.records import Message

PromptTail = Literal["keep", "strip", "newline"]
"""``keep`` the dataset's white space, ``strip`` all of it, or strip it and add one ``newline``."""


def with_tail(text: str, tail: PromptTail) -> str:
    """Return a prompt's text with its trailing white space changed."""
    if tail == "keep":
        return text
    return text.rstrip() + ("\n" if tail == "newline" else "")


def with_prefill(messages: Sequence[Message], prefill: str) -> tuple[Message, ...]:
    """Return a chat's messages, followed by the beginning of the answer; unchanged if that is empty."""
    # An empty message of the assistant would be a complete turn, and chat templates would end it.
    return (*messages, Message("assistant", prefill)) if prefill else tuple(messages)
