"""Reading a soft prompt's vectors, and putting them before the embeddings of prompts."""

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
    """Return the vectors, (virtual tokens, width), on the CPU and in the number format of the file.

    Raises:
        ConfigError: the file is not the one of the card, or the card belongs to another model.
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


def with_soft_prompt(
    vectors: torch.Tensor, embed: torch.nn.Module, rows: Sequence[Sequence[int]]
) -> list[torch.Tensor]:
    """Return the vectors and each row's embeddings, (virtual tokens + tokens, width), one tensor a row.

    They have device and number format of ``embed``, the model's input embeddings; ``rows`` are token ids.
    """
    device = embed.weight.device
    head = vectors.to(device, embed.weight.dtype)
    with torch.no_grad():
        return [torch.cat([head, embed(torch.tensor(row, device=device))]) for row in rows]
