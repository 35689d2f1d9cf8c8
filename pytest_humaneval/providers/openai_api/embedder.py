"""The interface of what turns prompts into embeddings, for servers that take ``prompt_embeds``."""

from __future__ import annotations

from typing import Protocol

from pytest_humaneval.core.records import Request


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
