"""A request as token ids, as an engine sees it; training and every use of a model make them here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from pytest_humaneval.core.records import Request


class Encoding(Protocol):
    """What a tokenizer makes of a text."""

    input_ids: list[int]


class Tokenizer(Protocol):
    """What is needed of a tokenizer here; transformers' have it."""

    @property
    def chat_template(self) -> object:
        """The template that makes a text of a chat, if there is one."""
        ...

    def __call__(self, text: str, *, add_special_tokens: bool = True) -> Encoding:
        """Return a text's tokens."""
        ...

    def apply_chat_template(self, conversation: Sequence[Mapping[str, str]], **options: Any) -> str:  # noqa: ANN401
        """Return a chat as one text."""
        ...


def prompt_tokens(request: Request, tokenizer: Tokenizer) -> list[int]:
    """Return the token ids of a request's prompt, up to where the answer begins.

    A chat's text has its special tokens from the template; a completion's prompt gets those that the
    tokenizer adds by itself.
    """
    if request.api == "completion":
        return list(tokenizer(request.text).input_ids)
    turns = [{"role": message.role, "content": message.content} for message in request.messages]
    text = tokenizer.apply_chat_template(turns, tokenize=False, **_ending(request))
    return list(tokenizer(text, add_special_tokens=False).input_ids)


def _ending(request: Request) -> dict[str, bool]:
    """Return how the template shall end: with a new turn, or in the midst of what was put into the mouth."""
    is_begun = request.messages[-1].role == "assistant"
    return {"continue_final_message": True} if is_begun else {"add_generation_prompt": True}
