"""A soft prompt at work: its vectors, checked against the model, before the embeddings of every prompt."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import torch
from safetensors.torch import load as load_safetensors

from pytest_humaneval.core.config.soft_prompt_card import SoftPrompt
from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.providers.embedded.loading import Loaded

TENSOR = "soft_prompt"
"""The name of the one tensor in a checkpoint's safetensors file."""


def read_vectors(soft_prompt: SoftPrompt, loaded: Loaded) -> torch.Tensor:
    """Return the vectors, (virtual tokens, width), on the CPU and in the type in which they were written.

    Raises:
        ConfigError: they are not those of the card, or belong to another model.
    """
    card, content = soft_prompt.card, soft_prompt.weights.read_bytes()
    sha256 = hashlib.sha256(content).hexdigest()
    if sha256 != card.weights_sha256:
        raise ConfigError(
            f"{soft_prompt.weights}: the content's SHA-256 is {sha256}, its card says {card.weights_sha256}; "
            "take card and vectors of the same checkpoint"
        )
    card.check_engine(loaded.width, loaded.tokenizer_sha256)
    return load_safetensors(content)[TENSOR]


def joined(
    vectors: torch.Tensor, embed: torch.nn.Module, rows: Sequence[Sequence[int]]
) -> list[torch.Tensor]:
    """Return each row's embeddings, (virtual tokens + row's tokens, width), in the model's type and place.

    ``embed`` are the model's input embeddings.
    """
    device = embed.weight.device
    head = vectors.to(device, embed.weight.dtype)
    with torch.no_grad():
        return [torch.cat([head, embed(torch.tensor(row, device=device))]) for row in rows]
