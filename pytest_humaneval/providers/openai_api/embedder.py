"""The interface of what turns prompts into embeddings, for servers that take ``prompt_embeds``."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

from pytest_humaneval.core.records import Message, Request


def beside_embeddings(request: Request) -> Request:
    """Return what is sent of a request beside its prompt's embeddings.

    That is the completion API without text, for a chat, too: there vLLM takes ``prompt_embeds``, and the chat
    template with its variables is in the embeddings already.
    """
    extras = replace(request.extras, chat_template_kwargs=None)
    return replace(request, api="completion", messages=(Message("user", ""),), extras=extras)


class Embedder(Protocol):
    """Embeds prompts; both methods block, and may be called from several threads."""

    def load(self) -> object:
        """Load what embedding needs; a second call does nothing.

        Raises:
            ProviderError: it cannot be loaded.
            ConfigError: it does not fit the model.
        """
        ...

    def base64(self, request: Request) -> str:
        """Return the embeddings of a request's prompt, in the base64 form that the server takes."""
        ...
