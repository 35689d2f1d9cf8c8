"""Prompts as embeddings, made on this side of the wire, for a server that takes ``prompt_embeds``.

A server knows nothing of a soft prompt. So the prompt is tokenized and embedded here, with the same model's
own tokenizer and embeddings, and sent behind the soft prompt's vectors in the place of its text.
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
    """Joins a soft prompt and the embeddings of prompts; safe to use from several threads."""

    def __init__(self, embedded: Embedded, soft_prompt: SoftPrompt) -> None:
        """Describe the model whose embeddings are used; nothing is loaded before :meth:`load`."""
        # In the type of the vectors nothing of them is lost on the way.
        self._embedded = replace(embedded, dtype=soft_prompt.card.dtype)
        self._soft_prompt = soft_prompt
        self._parts: _Parts | None = None
        self._lock = threading.Lock()

    def load(self) -> _Parts:
        """Load what is needed of the model, and the vectors, once.

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
        # The rest of the model is let go.
        return loaded.tokenizer, loaded.model.get_input_embeddings(), vectors

    def base64(self, request: Request) -> str:
        """Return a request's embeddings as the base64 of what ``torch.save`` writes.

        Their shape is (virtual tokens + prompt's tokens, width).
        """
        import torch

        from pytest_humaneval.providers.embedded.soft_prompt_vectors import joined

        tokenizer, embed, vectors = self.load()
        with self._lock:  # a tokenizer is not for several threads at once
            tokens = prompt_tokens(request, tokenizer)
        (embeddings,) = joined(vectors, embed, [tokens])
        file = io.BytesIO()
        torch.save(embeddings, file)
        return base64.b64encode(file.getvalue()).decode("ascii")
