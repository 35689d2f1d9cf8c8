"""How many tokens a prompt has, estimated by its length where no tokenizer is at hand."""

from __future__ import annotations

from math import ceil

from pytest_humaneval.core.records import Request

CHARS_PER_TOKEN = 4.0
"""Of English and of code, roughly: https://help.openai.com/en/articles/4936856"""


class PromptEstimate:
    """Estimates of prompts for one model, better with each prompt whose tokens are known."""

    def __init__(self) -> None:
        self._chars = self._tokens = 0

    def tokens(self, request: Request) -> int:
        """Return about how many tokens the prompt of a request has."""
        ratio = self._chars / self._tokens if self._tokens else CHARS_PER_TOKEN
        return ceil(chars(request) / ratio)

    def learn(self, request: Request, tokens: int) -> None:
        """Take note of how many tokens a request's prompt really has, the chat template's included."""
        self._chars += chars(request)
        self._tokens += tokens


def chars(request: Request) -> int:
    """Return the characters of a request's prompt, with what stands after the completion."""
    return sum(len(message.content) for message in request.messages) + len(request.suffix or "")
