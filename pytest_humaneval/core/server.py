"""A model server, as a ``[servers.NAME]`` table of experiments.toml describes it."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.core.toml_schema import Rule, as_table, check
from pytest_humaneval.core.url import is_http_url

_RULES = {
    "base_url": Rule((str,), 'a URL such as "http://localhost:8001/v1"', is_http_url),
    "model": Rule((str,), "the name under which the server knows the model", bool),
    "api_key_env": Rule((str,), "the name of the environment variable that holds the API key", bool),
    "concurrency": Rule((int,), "a whole number of at least 1", lambda value: value >= 1),
    "timeout_s": Rule((int, float), "a number of seconds above 0", lambda value: 0 < value < inf),
    "max_retries": Rule((int,), "a whole number of at least 0", lambda value: value >= 0),
    "serve_args": Rule(
        (list,),
        'a list of arguments for "vllm serve", each a string',
        lambda value: all(isinstance(part, str) for part in value),
    ),
}


@dataclass(frozen=True)
class Server:
    """An OpenAI-compatible endpoint and the model it serves.

    Attributes:
        base_url: where its API is, up to and with ``/v1``.
        model: the name under which it knows the model; for one started from here, also the model to load.
        api_key_env: the environment variable that holds the API key.
        concurrency: requests in flight at once.
        timeout_s: how long one request may take.
        max_retries: how often a request that failed is tried again.
        serve_args: more arguments for ``vllm serve``, where the server is started from here.
        name: of its table.
    """

    base_url: str
    model: str
    api_key_env: str = "OPENAI_API_KEY"
    concurrency: int = 256  # enough to saturate continuous batching
    timeout_s: float = 600.0
    max_retries: int = 10
    serve_args: tuple[str, ...] = ()
    name: str = ""


def server_of(name: str, value: object, where: str) -> Server:
    """Return the server that a table describes.

    Raises:
        ConfigError: a key is unknown, missing or not as it must be; ``where`` begins the text.
    """
    table = as_table(value, where)
    check(table, _RULES, where)
    for key in ("base_url", "model"):
        if key not in table:
            raise ConfigError(f"{where}: key {key!r} is missing; write {_RULES[key].expected}")
    return Server(**{**table, "serve_args": tuple(table.get("serve_args", ())), "name": name})
