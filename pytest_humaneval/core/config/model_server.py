"""A model server, as a ``[servers.NAME]`` table of experiments.toml describes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from typing import Any

from pytest_humaneval.core.config.toml_schema import Rule, as_table, check
from pytest_humaneval.core.config.url import is_http_url
from pytest_humaneval.core.cost import Prices
from pytest_humaneval.core.errors import ConfigError


def _as_list(urls: str | list[Any]) -> list[Any]:
    return [urls] if isinstance(urls, str) else urls


def _are_urls(values: list[Any]) -> bool:
    return bool(values) and all(isinstance(value, str) and is_http_url(value) for value in values)


_PRICES = ("price_per_million_prompt_tokens", "price_per_million_completion_tokens")


def _price(meaning: str, example: str) -> Rule:
    return Rule(
        (int, float),
        "a price of at least 0, such as 0.15",
        lambda value: 0 <= value < inf,
        meaning=f"{meaning}, in any one currency. Both prices or none. Without them, no cost is reported.",
        example=example,
    )


SERVER_RULES: Mapping[str, Rule] = {
    "base_url": Rule(
        (str, list),
        'a URL such as "http://localhost:8001/v1", or a list of URLs that serve the same model',
        lambda value: _are_urls(_as_list(value)),
        meaning="The URL of the API, with `/v1`. Of a list, each request goes to the URL with the fewest "
        "requests in flight. `--humaneval-base-url` overrides it.",
        example='"http://localhost:8001/v1"',
    ),
    "model": Rule(
        (str,),
        "the name under which the server knows the model",
        bool,
        meaning="The model's name on the server. A server that the plugin starts loads the model of this "
        "name.",
        example='"Qwen/Qwen2.5-Coder-0.5B-Instruct"',
    ),
    "api_key_env": Rule(
        (str,),
        "the name of the environment variable that holds the API key",
        bool,
        meaning="The environment variable that holds the API key. If it is given, the variable must be set.",
        example='"HOSTED_API_KEY"',
    ),
    "concurrency": Rule(
        (int,),
        "a whole number of at least 1",
        lambda value: value >= 1,
        meaning="The most completions that are requested at once, from each URL. The default keeps a vLLM "
        "server busy; a hosted API may want less.",
        example="16",
    ),
    "requests_per_minute": Rule(
        (int, float),
        "a number above 0",
        lambda value: 0 < value < inf,
        meaning="The most requests in a minute; they are spaced evenly. Without it, no limit.",
        example="60",
    ),
    "tokens_per_minute": Rule(
        (int, float),
        "a number above 0",
        lambda value: 0 < value < inf,
        meaning="The most tokens of prompts and completions in a minute. Without it, no limit.",
        example="200_000",
    ),
    "price_per_million_prompt_tokens": _price("What a million prompt tokens cost", "0.15"),
    "price_per_million_completion_tokens": _price(
        "What a million completion tokens cost, reasoning included", "0.60"
    ),
    "timeout_s": Rule(
        (int, float),
        "a number of seconds above 0",
        lambda value: 0 < value < inf,
        meaning="Time limit of one request, in seconds: the whole answer must be there by then. A request "
        "that runs into it is sent at most twice more.",
        example="120",
    ),
    "max_retries": Rule(
        (int,),
        "a whole number of at least 0",
        lambda value: value >= 0,
        meaning="How often a request that failed for a passing reason (status 5xx, 429, a lost connection) "
        "is sent again. A 429 counts only if the server answered nothing else meanwhile.",
        example="3",
    ),
    "serve_args": Rule(
        (list,),
        'a list of arguments for "vllm serve", each a string',
        lambda value: all(isinstance(part, str) for part in value),
        meaning="Further arguments of `vllm serve`, where the plugin starts the server.",
        example='["--max-model-len", "4096"]',
    ),
}
"""The keys of a [servers.NAME] table."""


@dataclass(frozen=True)
class Server:
    """An OpenAI-compatible endpoint and the model it serves.

    Attributes:
        base_url: the URL of its API, including ``/v1``; of several, the first.
        model: the model's name on the server; for a server that this plugin starts, also the model to load.
        api_key_env: the environment variable that holds the API key.
        concurrency: completions requested at once, from each URL; the default saturates continuous batching.
        requests_per_minute: requests begun in a minute, at most; None for as many as there are.
        tokens_per_minute: tokens of prompts and completions in a minute, at most; None for no such limit.
        timeout_s: time limit of one request, in seconds.
        max_retries: how often a failed request is repeated.
        serve_args: more arguments for ``vllm serve``, if this plugin starts the server.
        name: the name of its table.
        replicas: further URLs that serve the same model.
        needs_key: whether its table names the variable of the API key, which then must be set.
        prices: what its tokens cost; None if its table does not say it.
    """

    base_url: str
    model: str
    api_key_env: str = "OPENAI_API_KEY"
    concurrency: int = 256
    timeout_s: float = 600.0
    max_retries: int = 10
    serve_args: tuple[str, ...] = ()
    name: str = ""
    replicas: tuple[str, ...] = ()
    needs_key: bool = False
    requests_per_minute: float | None = None
    tokens_per_minute: float | None = None
    prices: Prices | None = None


def server_of(name: str, value: object, where: str) -> Server:
    """Return the server that a table describes.

    Raises:
        ConfigError: a key is unknown, missing or invalid; the message begins with ``where``.
    """
    table = as_table(value, where)
    check(table, SERVER_RULES, where)
    for key in ("base_url", "model"):
        if key not in table:
            raise ConfigError(f"{where}: key {key!r} is missing; write {SERVER_RULES[key].expected}")
    base_url, *replicas = _as_list(table["base_url"])
    serve_args = tuple(table.get("serve_args", ()))
    derived = {
        "base_url": base_url,
        "replicas": tuple(replicas),
        "serve_args": serve_args,
        "name": name,
        "needs_key": "api_key_env" in table,
        "prices": _prices(table, where),
    }
    own = {key: value for key, value in table.items() if key not in _PRICES}
    # The derived values come last: they replace the table's own of the same name.
    return Server(**{**own, **derived})


def _prices(table: Mapping[str, Any], where: str) -> Prices | None:
    given = [table[key] for key in _PRICES if key in table]
    if len(given) == 1:
        missing = next(key for key in _PRICES if key not in table)
        raise ConfigError(f"{where}: key {missing!r} is missing beside the other price; write it, 0 for free")
    return Prices(*given) if given else None
