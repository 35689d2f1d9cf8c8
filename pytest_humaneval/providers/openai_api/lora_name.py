"""Under which name a server has a LoRA: it is sent as the model of every request.

The list of models names LoRAs, with a parent and a root: https://docs.vllm.ai/en/latest/features/lora/
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pytest_humaneval.core.config.adapter import Adapter
from pytest_humaneval.core.config.served_adapter import find_served, serve_args
from pytest_humaneval.core.errors import ProviderError

if TYPE_CHECKING:
    from openai import AsyncOpenAI

_RETRIES = 2


@dataclass(frozen=True)
class ServedLora:
    """A LoRA to be asked for.

    Attributes:
        adapter: the LoRA.
        model: the model that the server's table names; it may be the LoRA itself.
    """

    adapter: Adapter
    model: str


async def lora_name(clients: Sequence[AsyncOpenAI], lora: ServedLora) -> str:
    """Return the name, by the first server that answers; ``clients`` are of servers that serve the same.

    Raises:
        ProviderError: no server answers, or the one that does has no such LoRA.
    """
    # Imported late: only a run that asks a server pays for loading the client.
    from openai import APIError

    reasons = []
    for client in clients:
        address = str(client.base_url).rstrip("/")
        try:
            content: object = await client.with_options(max_retries=_RETRIES).get("/models", cast_to=object)
        except APIError as error:
            reasons.append(f"{address}/models, which would name the LoRA: {error.message}")
            continue
        data = content.get("data") if isinstance(content, dict) else None
        listed = [each for each in data if isinstance(each, dict)] if isinstance(data, list) else []
        if name := find_served(lora.adapter, lora.model, listed):
            return name
        names = ", ".join(str(each.get("id")) for each in listed)
        raise ProviderError(
            f"{address} has no LoRA {lora.adapter.name}; it lists {names or 'nothing'}; start it with "
            f"{' '.join(serve_args([lora.adapter]))}, or name it as that server does: in model of its table"
        )
    raise ProviderError("; ".join(reasons))
