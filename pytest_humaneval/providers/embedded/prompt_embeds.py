"""Prompts as embeddings, for an engine or a server that takes them and knows nothing of an adapter.

The prompt is tokenized and embedded here, with the same model's own tokenizer and embeddings, behind the
vectors of prompt tuning or P-tuning.
Source: vLLM's documentation, "Prompt Embedding Inputs".
"""

from __future__ import annotations

import base64
import importlib.util
import io
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from pytest_humaneval.core.config.adapter import Adapter
from pytest_humaneval.core.config.embedded import Embedded
from pytest_humaneval.core.errors import ProviderError
from pytest_humaneval.core.prompt_tokens import Tokenizer, prompt_tokens
from pytest_humaneval.core.records import Request
from pytest_humaneval.providers.embedded.loading_lock import loading_turn

if TYPE_CHECKING:
    import torch

_Parts: TypeAlias = "tuple[Tokenizer, torch.nn.Module, torch.Tensor]"
"""Tokenizer, token embeddings, and the adapter's vectors."""


class PromptEmbedder:
    """Puts vectors before the embeddings of prompts; its methods may be called from several threads."""

    def __init__(self, embedded: Embedded, adapter: Adapter) -> None:
        """Describe the model whose embeddings are used; nothing is loaded before :meth:`load`."""
        self._embedded, self._adapter = embedded, adapter
        self._parts: _Parts | None = None
        self._lock = threading.Lock()

    def load(self) -> _Parts:
        """Load the tokenizer, the embeddings and the vectors once, and return them.

        Raises:
            ProviderError: torch and transformers are not installed, or the model cannot be loaded.
            ConfigError: the adapter belongs to another model.
        """
        for library in ("torch", "transformers"):
            if importlib.util.find_spec(library) is None:
                raise ProviderError(
                    f"adapter needs {library} also beside a server, to embed the prompts, and it is not "
                    'installed; run: pip install "pytest-humaneval[embedded]"'
                )
        with self._lock:
            if self._parts is None:
                with loading_turn():
                    self._parts = self._load()
            return self._parts

    def _load(self) -> _Parts:
        from pytest_humaneval.providers.embedded.adapter_weights import read_vectors
        from pytest_humaneval.providers.embedded.loading import load

        # Nothing is rounded here: whoever takes the embeddings converts them to its own number format.
        loaded = load(replace(self._embedded, device="cpu", dtype="float32"))
        vectors = read_vectors(self._adapter, loaded)
        # Only the embeddings are kept: the other layers, most of the memory, are freed.
        return loaded.tokenizer, loaded.model.get_input_embeddings(), vectors.float()

    def embeddings(self, request: Request) -> torch.Tensor:
        """Return the vectors and a request's embeddings, (virtual tokens + prompt tokens, width)."""
        import torch

        tokenizer, embed, vectors = self.load()
        # Two threads must not use one tokenizer at the same time:
        # https://github.com/huggingface/tokenizers/issues/537
        with self._lock:
            tokens = prompt_tokens(request, tokenizer)
        with torch.no_grad():
            return torch.cat([vectors, embed(torch.tensor(tokens))])

    def base64(self, request: Request) -> str:
        """Return a request's embeddings, as base64 of the bytes that ``torch.save`` writes, vLLM's format."""
        import torch

        file = io.BytesIO()
        torch.save(self.embeddings(request), file)
        return base64.b64encode(file.getvalue()).decode("ascii")
