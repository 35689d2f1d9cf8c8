"""The keys of an experiment whose model, or a part of it, runs in this process.

That is ``provider = "embedded"`` (transformers and torch) or ``provider = "vllm"`` (vLLM without a server).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Literal, get_args

from pytest_humaneval.core.config.toml_schema import Rule
from pytest_humaneval.core.errors import ConfigError

Dtype = Literal["auto", "float32", "bfloat16", "float16"]


@dataclass(frozen=True)
class Embedded:
    """A causal language model run in this process.

    Attributes:
        model: a folder (seen from the experiments file's), a name on the Hugging Face hub, or ``memoriser``
            for the tiny one that comes with this package.
        device: as torch names it, such as ``cuda:1``; None: a GPU where there is one, else the CPU.
        dtype: of weights and arithmetic; ``auto``: bfloat16 where the device has it, else float32.
        batch_size: completions generated side by side, at most.
        threads: CPU threads of the arithmetic; None: one for each core.
        engine_args: more arguments of ``vllm.LLM``, where vLLM is the engine.
        engine: what runs it, by the name of its provider.
    """

    model: str
    device: str | None = None
    dtype: Dtype = "auto"
    batch_size: int = 32
    threads: int | None = None
    engine_args: Mapping[str, Any] = field(default_factory=dict)
    engine: str = "embedded"


ENGINES: Mapping[str, Sequence[str]] = {
    "embedded": ("model", "device", "dtype", "batch_size", "threads"),
    "vllm": ("model", "dtype", "engine_args"),
}
"""The providers that run a model in this process, and the keys that each has."""

_AT_LEAST_1 = Rule((int,), "a whole number of at least 1", lambda value: value >= 1)

EMBEDDED_RULES = {
    "model": Rule((str,), 'a folder, a name on the hub such as "org/name", or "memoriser"', bool),
    "device": Rule((str,), 'a device such as "cpu" or "cuda:0"', bool),
    "dtype": Rule((str,), f"one of {', '.join(get_args(Dtype))}", lambda value: value in get_args(Dtype)),
    "batch_size": _AT_LEAST_1,
    "threads": _AT_LEAST_1,
    "engine_args": Rule((dict,), "a table of arguments for vllm.LLM, such as { max_model_len = 4096 }"),
    "soft_prompt": Rule((str,), "the folder of a soft prompt, or the card of one of its checkpoints", bool),
}


def embedded_model(table: Mapping[str, Any], where: str) -> Embedded | None:
    """Return what a checked experiment table says of its embedded model; None for another provider.

    A server that is sent a soft prompt has a model here too, for its tokenizer and its token embeddings;
    where none is named, it is the one that the soft prompt was trained with.

    Raises:
        ConfigError: no model is named, or these keys stand where they mean nothing.
    """
    given = {part.name: table[part.name] for part in fields(Embedded) if part.name in table}
    provider = table.get("provider", "server")
    if provider not in ("server", "embedded") and "soft_prompt" in table:
        raise ConfigError(
            f'{where}, soft_prompt: provider = "{provider}" takes none; remove the key, or write "embedded"'
        )
    of_client = ("model",) if "soft_prompt" in table else ()
    for key in given.keys() - set(ENGINES.get(provider, of_client)):
        having = " or ".join(f'"{name}"' for name, keys in ENGINES.items() if key in keys)
        raise ConfigError(
            f"{where}, {key}: only an experiment with provider = {having} has this key; a server's model "
            "stands in its [servers.NAME] table"
        )
    if provider not in ENGINES:
        return Embedded(**given, device="cpu") if given else None
    if "model" not in given:
        raise ConfigError(f"{where}: key 'model' is missing; write {EMBEDDED_RULES['model'].expected}")
    if "server" in table:
        raise ConfigError(f'{where}, server: provider = "{provider}" asks no server; remove the key')
    return Embedded(**given, engine=provider)
