"""Convert a request to token ids, in one place for training and for inference.

If the two differed by a single token, a soft prompt would be used with other prompts than it was trained
with.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from pytest_humaneval.core.records import Request


class Encoding(Protocol):
    """The result of a tokenizer for one text."""

    input_ids: list[int]


class Tokenizer(Protocol):
    """The part of a transformers tokenizer that is used here."""

    @property
    def chat_template(self) -> object:
        """The template that converts a chat to text, if there is one."""
        ...

    def __call__(self, text: str, *, add_special_tokens: bool = True) -> Encoding:
        """Return a text's tokens."""
        ...

    def apply_chat_template(self, conversation: Sequence[Mapping[str, str]], **options: Any) -> str:  # noqa: ANN401
        """Return a chat as one text."""
        ...


def prompt_tokens(request: Request, tokenizer: Tokenizer) -> list[int]:
    """Return the token ids of a request's prompt, up to the beginning of the answer.

    A chat's special tokens come from the template; those of a completion's prompt are added by the tokenizer.
    """
    if request.api == "completion":
        return list(tokenizer(request.text).input_ids)
    variables = request.extras.table("chat_template_kwargs")
    turns = [{"role": message.role, "content": message.content} for message in request.messages]
    text = tokenizer.apply_chat_template(turns, tokenize=False, **variables, **_ending(request))
    # Without special tokens: the template has written them already, and there would be a second <s>.
    return list(tokenizer(text, add_special_tokens=False).input_ids)


def _ending(request: Request) -> dict[str, bool]:
    """Return the template's option: continue the prefilled answer if there is one, else begin a new turn."""
    is_prefilled = request.messages[-1].role == "assistant"
    return {"continue_final_message": True} if is_prefilled else {"add_generation_prompt": True}
