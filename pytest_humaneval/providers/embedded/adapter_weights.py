"""Putting an adapter's weights on a loaded model: into its layers, or before every prompt."""

from __future__ import annotations

import importlib.util
import json
import warnings

import torch
from safetensors.torch import load_file

from pytest_humaneval.core.config.adapter import CONFIG, Adapter
from pytest_humaneval.core.errors import ConfigError, ProviderError
from pytest_humaneval.providers.embedded.loading import Loaded, one_line_errors
from pytest_humaneval.providers.embedded.prefix import KeyValues, Prefix

TENSOR = "prompt_embeddings"
"""The one tensor of every method but LoRA: PEFT saves what its encoders give, not the encoders."""


def put_on(loaded: Loaded, adapter: Adapter | None) -> Prefix:
    """Put an adapter on a model: a LoRA into its layers, any other as the prefix that is returned.

    Raises:
        ConfigError: the adapter belongs to another model.
        ProviderError: PEFT, which puts a LoRA into the layers, is not installed, or it refuses.
    """
    if adapter is None:
        return Prefix()
    if adapter.is_lora:
        adapter.check_engine(loaded.tokenizer_sha256)
        _put_into_layers(loaded, adapter)
        return Prefix()
    if adapter.is_embeddings:
        return Prefix(embeddings=read_vectors(adapter, loaded))
    return Prefix(key_values=_read_key_values(adapter, loaded))


def read_vectors(adapter: Adapter, loaded: Loaded) -> torch.Tensor:
    """Return the vectors of prompt tuning or P-tuning, (virtual tokens, width), as the file has them.

    Raises:
        ConfigError: they do not fit the model's embeddings or its tokenizer.
    """
    return _read(adapter, loaded, loaded.width)


def _read_key_values(adapter: Adapter, loaded: Loaded) -> list[KeyValues]:
    """Return keys and values of each layer, each (1, heads, virtual tokens, head width)."""
    config = json.loads((adapter.folder / CONFIG).read_text(encoding="utf-8"))
    layers, heads, width = (config[key] for key in ("num_layers", "num_attention_heads", "token_dim"))
    model_layers = loaded.model.config.get_text_config().num_hidden_layers
    if layers != model_layers:
        raise ConfigError(
            f"{adapter.folder}: the adapter has keys and values for {layers} layers, the model has "
            f"{model_layers}; take the model that it was trained with"
        )
    numbers = _read(adapter, loaded, 2 * layers * width)
    # PEFT's order within a row: layer, key or value, head.
    whole = numbers.view(-1, layers, 2, heads, width // heads).permute(1, 2, 3, 0, 4)
    return [(keys[None], values[None]) for keys, values in whole]


def _read(adapter: Adapter, loaded: Loaded, width: int) -> torch.Tensor:
    adapter.check_engine(loaded.tokenizer_sha256)
    with one_line_errors(f"{adapter.weights} cannot be read"):
        tensors = load_file(adapter.weights)
    found = {name: tuple(tensor.shape) for name, tensor in tensors.items()}
    if found != {TENSOR: (adapter.virtual_tokens, width)}:
        shown = ", ".join(f"{name} {shape}" for name, shape in list(found.items())[:3])
        raise ConfigError(
            f"{adapter.weights}: found {shown}, expected {TENSOR} ({adapter.virtual_tokens}, {width}), as "
            "the model's width has it; take the model that it was trained with"
        )
    return tensors[TENSOR]


def _put_into_layers(loaded: Loaded, adapter: Adapter) -> None:
    if importlib.util.find_spec("peft") is None:
        raise ProviderError(
            "a LoRA in this process needs peft, which is not installed; run: "
            'pip install "pytest-humaneval[tuning]"'
        )
    from peft import PeftModel

    # Beside the model's own weights, not added to them: in bfloat16 a small change would be rounded away.
    with one_line_errors(f"{adapter.folder}: the adapter does not fit the model"), warnings.catch_warnings():
        # Of what PEFT calls of transformers.
        warnings.simplefilter("ignore", FutureWarning)
        # PEFT fills missing tensors with new ones and only warns.
        warnings.filterwarnings("error", message="Found missing adapter keys")
        PeftModel.from_pretrained(loaded.model, str(adapter.folder), torch_device=str(loaded.model.device))
    loaded.model.eval()
