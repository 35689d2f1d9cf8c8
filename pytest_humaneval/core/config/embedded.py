"""The keys of an experiment whose model runs in this process, in full or in part.

These are ``provider = "embedded"`` (transformers and torch) and ``provider = "vllm"`` (vLLM without a
server).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Literal, get_args

from pytest_humaneval.core.config.shipped import SHIPPED_MODELS
from pytest_humaneval.core.config.toml_schema import Rule
from pytest_humaneval.core.errors import ConfigError

Dtype = Literal["auto", "float32", "bfloat16", "float16"]


@dataclass(frozen=True)
class Embedded:
    """A causal language model run in this process.

    Attributes:
        model: a folder (relative to the experiments file's), a name on the Hugging Face hub, or a name
            in ``shipped.SHIPPED_MODELS`` for a tiny one that comes with this package.
        device: as torch names it, such as ``cuda:1``; None: a GPU where there is one, else the CPU.
        dtype: of weights and arithmetic; ``auto``: bfloat16 where the device has it, else float32.
        batch_size: completions generated side by side, at most.
        threads: CPU threads of the arithmetic; None: one for each core.
        engine_args: more arguments of ``vllm.LLM``, where vLLM is the engine.
        engine: the name of the provider that runs it.
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

_SHIPPED = " or ".join(f'"{name}"' for name in SHIPPED_MODELS)
NO_ADAPTER = "none"
"""The value of ``adapter`` for the model as it is: a level of a study, or in place of an inherited one."""

_NAMES = {"soft_prompt": "adapter"}

EMBEDDED_RULES = {
    "model": Rule(
        (str,),
        f'a folder, a name on the hub such as "org/name", or {_SHIPPED}',
        bool,
        meaning="The model: a folder, relative to the file, a name on the Hugging Face hub, or "
        f"{_SHIPPED} for the tiny ones that come with the package.",
        example='"Qwen/Qwen2.5-Coder-0.5B-Instruct"',
    ),
    "device": Rule(
        (str,),
        'a device such as "cpu" or "cuda:0"',
        bool,
        meaning="Where the model runs, as torch names it. Without it, a GPU where there is one, else the "
        "CPU.",
        example='"cuda:0"',
    ),
    "dtype": Rule(
        (str,),
        f"one of {', '.join(get_args(Dtype))}",
        lambda value: value in get_args(Dtype),
        meaning="The number format of weights and arithmetic. `auto` is bfloat16 where the device has it, "
        "else float32; with vLLM it is vLLM's own choice.",
        example='"bfloat16"',
    ),
    "batch_size": Rule(
        (int,),
        "a whole number of at least 1",
        lambda value: value >= 1,
        meaning="The most completions generated side by side.",
        example="16",
    ),
    "threads": Rule(
        (int,),
        "a whole number of at least 1",
        lambda value: value >= 1,
        meaning="CPU threads of the arithmetic. Without it, one for each core.",
        example="4",
    ),
    "engine_args": Rule(
        (dict,),
        "a table of arguments for vllm.LLM, such as { max_model_len = 4096 }",
        meaning="Further arguments of `vllm.LLM`.",
        example="{ max_model_len = 4096 }",
    ),
    "adapter": Rule(
        (str,),
        f'the folder of an adapter, its name on the hub such as "org/name", or "{NO_ADAPTER}"',
        bool,
        meaning="An adapter on the model, in PEFT's format: a folder, relative to the experiments file, or a "
        f'name on the Hugging Face hub. `"{NO_ADAPTER}"` is the model as it is. `soft_prompt` is an older '
        "name of this key.",
        example='"adapters/mine"',
    ),
}
"""The keys of an experiment's model; which provider has which is in ``ENGINES``."""


def embedded_model(table: Mapping[str, Any], where: str) -> Embedded | None:
    """Return the embedded model of a checked experiment table; None for a provider without one.

    An experiment that sends an adapter's vectors to a server has a model here too, for its tokenizer and its
    token embeddings; if it names none, the model is the one that the adapter was trained with.

    Raises:
        ConfigError: no model is named, or one of these keys is used where it has no meaning.
    """
    given = {part.name: table[part.name] for part in fields(Embedded) if part.name in table}
    provider = table.get("provider", "server")
    if provider not in ("server", *ENGINES) and "adapter" in table:
        raise ConfigError(
            f'{where}, adapter: provider = "{provider}" takes none; remove the key, or write "embedded"'
        )
    client_keys = ("model",) if "adapter" in table else ()
    for key in given.keys() - set(ENGINES.get(provider, client_keys)):
        providers = " or ".join(f'"{name}"' for name, keys in ENGINES.items() if key in keys)
        raise ConfigError(
            f"{where}, {key}: only an experiment with provider = {providers} has this key; a server's model "
            "is in its [servers.NAME] table"
        )
    # For a server and vectors: of the model only tokenizer and token embeddings are used, so a CPU
    # suffices.
    if provider not in ENGINES:
        return Embedded(**given, device="cpu") if given else None
    if "model" not in given:
        raise ConfigError(f"{where}: key 'model' is missing; write {EMBEDDED_RULES['model'].expected}")
    if "server" in table:
        raise ConfigError(f'{where}, server: provider = "{provider}" asks no server; remove the key')
    return Embedded(**given, engine=provider)


def with_adapter_key(tables: Mapping[str, Any], where: str) -> dict[str, Any]:
    """Return experiments' tables with ``adapter`` in place of its older name ``soft_prompt``.

    Raises:
        ConfigError: an experiment has both.
    """
    return {name: _renamed(table, f'{where}: experiment "{name}"') for name, table in tables.items()}


def _renamed(table: Any, where: str) -> Any:  # noqa: ANN401 (a TOML value, checked later)
    if not isinstance(table, dict):
        return table
    if {"adapter", "soft_prompt"} <= table.keys():
        raise ConfigError(f"{where}, soft_prompt: another name of adapter, which is there, too; keep one")
    renamed = {_NAMES.get(key, key): value for key, value in table.items()}
    if "matrix" in renamed:
        renamed["matrix"] = _renamed(renamed["matrix"], f"{where}, matrix")
    return renamed
