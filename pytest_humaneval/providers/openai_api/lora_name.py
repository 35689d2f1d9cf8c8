"""Under which name a server has a LoRA: it is sent as the model of every request.

The list of models names LoRAs, with a parent and a root: https://docs.vllm.ai/en/latest/features/lora/
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass

from pytest_humaneval.core.config.adapter import Adapter
from pytest_humaneval.core.config.served_adapter import find_served, serve_args
from pytest_humaneval.core.errors import ProviderError
from pytest_humaneval.providers.openai_api.exchange.client import Client
from pytest_humaneval.providers.openai_api.exchange.sending import refusal
from pytest_humaneval.providers.openai_api.failure import Failure, client_failure, unusable_answer

_ATTEMPTS = 3
_PAUSE_S = 0.5


@dataclass(frozen=True)
class ServedLora:
    """A LoRA to be asked for.

    Attributes:
        adapter: the LoRA.
        model: the model that the server's table names; it may be the LoRA itself.
    """

    adapter: Adapter
    model: str


async def lora_name(clients: Sequence[Client], lora: ServedLora) -> str:
    """Return the name, by the first server that answers; ``clients`` are of servers that serve the same.

    Raises:
        ProviderError: no server answers, or the one that does has no such LoRA.
    """
    reasons = []
    for client in clients:
        answer = await _models(client)
        if isinstance(answer, Failure):
            reasons.append(f"{client.base_url}/models, which would name the LoRA: {answer.reason}")
            continue
        data = answer.get("data") if isinstance(answer, dict) else None
        listed = [each for each in data if isinstance(each, dict)] if isinstance(data, list) else []
        if name := find_served(lora.adapter, lora.model, listed):
            return name
        names = ", ".join(str(each.get("id")) for each in listed)
        raise ProviderError(
            f"{client.base_url} has no LoRA {lora.adapter.name}; it lists {names or 'nothing'}; start it "
            f"with {' '.join(serve_args([lora.adapter]))}, or name it as that server does, in model of its "
            "table"
        )
    raise ProviderError("; ".join(reasons))


async def _models(client: Client) -> object | Failure:
    """Return what a server says of its models; a passing failure is tried again."""
    for attempt in range(1, _ATTEMPTS + 1):
        answer = await _ask(client)
        if not isinstance(answer, Failure) or answer.kind in ("refused", "denied"):
            return answer
        if attempt < _ATTEMPTS:
            await asyncio.sleep(_PAUSE_S)
    return answer


async def _ask(client: Client) -> object | Failure:
    # Imported late: only a run that asks a server pays for loading the client.
    from aiohttp import ClientError

    content = ""
    try:
        async with client.session.get(f"{client.base_url}/models") as response:
            if not response.ok:
                return await refusal(response)
            content = (await response.read()).decode(errors="replace")
            listed: object = json.loads(content)
            return listed
    except (asyncio.TimeoutError, ClientError) as error:
        return client_failure(error)
    except ValueError:
        return unusable_answer(content)
