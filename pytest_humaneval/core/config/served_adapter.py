"""How vLLM is started and asked for adapters.

Source: https://docs.vllm.ai/en/latest/features/lora/
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any

from pytest_humaneval.core.config.adapter import Adapter

# The name holds this much of the hash: what a server has loaded is then what lies in the folder now.
_HASH_CHARS = 12
# https://docs.vllm.ai/en/latest/api/vllm/config/lora/
_RANKS = (1, 8, 16, 32, 64, 128, 256, 320, 512)


def served_name(adapter: Adapter) -> str:
    """Return the name under which a server that this plugin starts has a LoRA."""
    return f"{_stem(adapter)}-{adapter.sha256[:_HASH_CHARS]}"


def served_rank(adapters: Sequence[Adapter]) -> int:
    """Return the least of the ranks for which vLLM can be started that suffices for these LoRAs."""
    needed = max(adapter.rank for adapter in adapters)
    return next((rank for rank in _RANKS if rank >= needed), _RANKS[-1])


def serve_args(adapters: Sequence[Adapter]) -> tuple[str, ...]:
    """Return the arguments that ``vllm serve`` needs for these adapters."""
    loras = [adapter for adapter in adapters if adapter.is_lora]
    arguments = ["--enable-prompt-embeds"] if any(adapter.is_embeddings for adapter in adapters) else []
    if loras:
        modules = [f"{served_name(adapter)}={adapter.folder}" for adapter in loras]
        arguments += ["--enable-lora", "--max-lora-rank", str(served_rank(loras)), "--lora-modules", *modules]
    return tuple(arguments)


def find_served(adapter: Adapter, model: str, listed: Sequence[Mapping[str, Any]]) -> str | None:
    """Return the name that a server has for a LoRA; None if it has none.

    Args:
        adapter: the LoRA.
        model: the model that the server's table names; it may be the LoRA itself.
        listed: the server's descriptions of its models. Those of LoRAs name a ``parent``, and as ``root`` the
            folder, or the name on the hub.
    """
    loras = {str(each.get("id")): each.get("root") for each in listed if each.get("parent")}
    # Loaded by this plugin before the training changed it.
    outdated = re.compile(re.escape(_stem(adapter)) + rf"-[0-9a-f]{{{_HASH_CHARS}}}")
    names = [served_name(adapter), model, adapter.name, adapter.folder.name]
    by_root = [
        name
        for name, root in loras.items()
        if root in (adapter.name, str(adapter.folder)) and not outdated.fullmatch(name)
    ]
    return next((name for name in (*names, *by_root) if name in loras), None)


def _stem(adapter: Adapter) -> str:
    return PurePath(adapter.name).name
