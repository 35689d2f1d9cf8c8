"""Prompts as embeddings, made by the client, for a server that takes ``prompt_embeds``.

A server knows nothing of a soft prompt. So the prompt is tokenized and embedded here, with the same model's
own tokenizer and embeddings, and sent behind the soft prompt's vectors in place of its text.
Source: vLLM's documentation, "Prompt Embedding Inputs".
"""

from __future__ import annotations

import base64
import importlib.util
import io
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from pytest_humaneval.core.config.embedded import Embedded
from pytest_humaneval.core.config.soft_prompt_card import SoftPrompt
from pytest_humaneval.core.errors import ProviderError
from pytest_humaneval.core.prompt_tokens import Tokenizer, prompt_tokens
from pytest_humaneval.core.records import Request
from pytest_humaneval.providers.embedded.loading_lock import loading_turn

if TYPE_CHECKING:
    import torch

_Parts: TypeAlias = "tuple[Tokenizer, torch.nn.Module, torch.Tensor]"
"""Tokenizer, token embeddings, and the soft prompt's vectors."""


class PromptEmbedder:
    """Puts a soft prompt before the embeddings of prompts; its methods may be called from several threads."""

    def __init__(self, embedded: Embedded, soft_prompt: SoftPrompt) -> None:
        """Describe the model whose embeddings are used; nothing is loaded before :meth:`load`."""
        # In the number format of the vectors, so that joining them to the embeddings rounds nothing.
        self._embedded = replace(embedded, dtype=soft_prompt.card.dtype)
        self._soft_prompt = soft_prompt
        self._parts: _Parts | None = None
        self._lock = threading.Lock()

    def load(self) -> _Parts:
        """Load the tokenizer, the embeddings and the vectors once, and return them.

        Raises:
            ProviderError: torch and transformers are not installed, or the model cannot be loaded.
            ConfigError: the soft prompt belongs to another model.
        """
        for library in ("torch", "transformers"):
            if importlib.util.find_spec(library) is None:
                raise ProviderError(
                    f"soft_prompt needs {library} also beside a server, to embed the prompts, and it is not "
                    'installed; run: pip install "pytest-humaneval[embedded]"'
                )
        with self._lock:
            if self._parts is None:
                with loading_turn():
                    self._parts = self._load()
            return self._parts

    def _load(self) -> _Parts:
        from pytest_humaneval.providers.embedded.loading import load
        from pytest_humaneval.providers.embedded.soft_prompt_vectors import read_vectors

        loaded = load(self._embedded)
        vectors = read_vectors(self._soft_prompt, loaded)
        # Only the embeddings are kept: the other layers, most of the memory, are freed.
        return loaded.tokenizer, loaded.model.get_input_embeddings(), vectors

    def base64(self, request: Request) -> str:
        """Return a request's embeddings, as base64 of the bytes that ``torch.save`` writes, vLLM's format.

        Their shape is (virtual tokens + prompt tokens, width).
        """
        import torch

        from pytest_humaneval.providers.embedded.soft_prompt_vectors import with_soft_prompt

        tokenizer, embed, vectors = self.load()
        # Two threads must not use one tokenizer at the same time:
        # https://github.com/huggingface/tokenizers/issues/537
        with self._lock:
            tokens = prompt_tokens(request, tokenizer)
        (embeddings,) = with_soft_prompt(vectors, embed, [tokens])
        file = io.BytesIO()
        torch.save(embeddings, file)
        return base64.b64encode(file.getvalue()).decode("ascii")
