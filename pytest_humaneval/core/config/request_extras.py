"""The keys of an experiment for what only some requests carry, and which providers can carry it.

min_p, presence_penalty, frequency_penalty                      sampling
logit_bias, reasoning_effort, chat_template_kwargs              fields of the request, if given
extra_body, extra_headers                                       whatever else a server takes
stream                                                          how the answer comes; it is the same answer
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

from pytest_humaneval.core.config.extra_headers import headers_of
from pytest_humaneval.core.config.toml_schema import Rule
from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.core.request_extras import TABLES, RequestExtras

_MOST_BIAS = 100


def _penalty(meaning: str) -> Rule:
    return Rule(
        (int, float),
        "a number from -2 to 2 (0 is none)",
        lambda value: -2 <= value <= 2,
        meaning=f"{meaning} Without it, nothing is sent.",
        example="0.5",
    )


def _are_biases(table: Mapping[str, Any]) -> bool:
    # A bool is no number.
    return all(
        token.isascii() and token.isdecimal() and type(bias) in (int, float) and abs(bias) <= _MOST_BIAS
        for token, bias in table.items()
    )


SAMPLING_EXTRAS: Mapping[str, Rule] = {
    "min_p": Rule(
        (int, float),
        "a number from 0 (none) to 1",
        lambda value: 0 <= value <= 1,
        meaning="Leaves out tokens whose probability is below this share of the most probable one's. "
        "Without it, nothing is sent.",
        example="0.05",
    ),
    "presence_penalty": _penalty("Taken from the score of each token that the answer has already, once."),
    "frequency_penalty": _penalty(
        "Taken from the score of each token that the answer has already, for each time."
    ),
}
"""Keys of the sampling that are sent where they are given."""

EXTRAS: Mapping[str, Rule] = {
    "logit_bias": Rule(
        (dict,),
        "a table of numbers from -100 to 100 by the tokens' numbers, such as { 151667 = -100 }",
        _are_biases,
        meaning="Added to the scores of tokens, by the tokens' numbers in the model's vocabulary.",
        example="{ 151667 = -100 }",
    ),
    "reasoning_effort": Rule(
        (str,),
        'a level that the server knows, such as "low" or "high"',
        bool,
        meaning="How long a reasoning model thinks, in its server's words. With the chat API only.",
        example='"low"',
    ),
    "chat_template_kwargs": Rule(
        (dict,),
        "a table, such as { enable_thinking = false }",
        meaning="Variables of the model's chat template. With the chat API only.",
        example="{ enable_thinking = false }",
    ),
    "extra_body": Rule(
        (dict,),
        "a table of fields of the request's body, such as { priority = 1 }",
        meaning="Further fields of the request's JSON body. They are in reports, so no place for secrets.",
        example="{ priority = 1 }",
    ),
    # Checked apart, since a message must not show a value that may be a secret.
    "extra_headers": Rule(
        (object,),
        "a table of headers",
        meaning="Further HTTP headers. `${NAME}` in a value stands for the environment variable NAME, whose "
        "content is in no report and no store.",
        example='{ X-Api-Key = "${GATEWAY_KEY}" }',
    ),
}
"""Keys of ``RequestExtras``."""

STREAM: Mapping[str, Rule] = {
    "stream": Rule(
        (bool,),
        "true or false",
        meaning="Asks for answers in pieces and measures the time to the first token and tokens per second. "
        "The answers are the same.",
        example="true",
    )
}
"""The key for answers that arrive in pieces."""

CARRIED = frozenset({*SAMPLING_EXTRAS, *EXTRAS, *STREAM})
"""All of these keys: what an OpenAI-compatible server may be sent."""

CARRIED_IN_PROCESS = CARRIED - {"reasoning_effort", "extra_body", "extra_headers", "stream"}
"""What a model in this process can be given."""

_ASKED = ("model", "messages", "prompt", "prompt_embeds", "n", "stream", "stream_options", "logprobs")
_SAMPLED = ("temperature", "top_p", "top_k", "repetition_penalty", "max_tokens", "stop", "seed")
_ENDING = ("add_generation_prompt", "continue_final_message")
OWN_FIELDS = frozenset({*_ASKED, *_SAMPLED, *_ENDING, "max_completion_tokens", *SAMPLING_EXTRAS, *EXTRAS}) - {
    "extra_body",
    "extra_headers",
}
"""Fields of a request's body that are sent from elsewhere."""

_OF_THE_TEMPLATE = frozenset(
    {*_ENDING, "chat_template", "conversation", "messages", "return_dict", "return_tensors", "tokenize"}
)
"""Names that rendering a chat template needs for itself."""


def extras_of(table: Mapping[str, Any], carried: Collection[str], where: str) -> RequestExtras:
    """Return the extras that an experiment's table gives, whose keys have passed their rules.

    Args:
        table: the experiment's.
        carried: the keys, of ``CARRIED``, that its provider does something with.
        where: the beginning of every message.

    Raises:
        ConfigError: one of them cannot be sent so, or not to this provider, or not by this API.
    """
    _check_carried(table, carried, where)
    given = {key: table[key] for key in EXTRAS if key in table}
    if "extra_headers" in given:
        given["extra_headers"] = headers_of(given["extra_headers"], f"{where}, extra_headers")
    _check_names(given.get("extra_body", {}), OWN_FIELDS, "is sent by itself", f"{where}, extra_body")
    kwargs = given.get("chat_template_kwargs", {})
    _check_names(kwargs, _OF_THE_TEMPLATE, "belongs to the rendering", f"{where}, chat_template_kwargs")
    # An empty table is nothing.
    texts = {key: _text(given[key], f"{where}, {key}") for key in TABLES if given.get(key)}
    return RequestExtras(reasoning_effort=given.get("reasoning_effort"), **texts)


def _check_names(table: Mapping[str, Any], taken: Collection[str], why: str, where: str) -> None:
    for name in table:
        if name in taken:
            is_key = name in CARRIED or name in _SAMPLED or name == "n"
            advice = f"write it as the experiment's key {name}" if is_key else "remove it"
            raise ConfigError(f"{where}: {name} {why}; {advice}")


def _text(table: Mapping[str, Any], where: str) -> str:
    numbers = {key: float(value) for key, value in table.items()} if where.endswith("logit_bias") else table
    try:
        return json.dumps(numbers, sort_keys=True, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise ConfigError(f"{where}: cannot be sent as JSON ({error})") from error


def _check_carried(table: Mapping[str, Any], carried: Collection[str], where: str) -> None:
    provider, api = table.get("provider", "server"), table.get("api", "chat")
    for key in sorted(CARRIED & set(table)):
        if key not in carried:
            raise ConfigError(
                f'{where}, {key}: provider = "{provider}" has no such key; {_advice(key, carried)}'
            )
        if key in ("chat_template_kwargs", "reasoning_effort") and api != "chat":
            raise ConfigError(f'{where}, {key}: a {api} request has no chat template; write api = "chat"')


_IN_TEMPLATE = "where the chat template knows it, write chat_template_kwargs = { reasoning_effort = ... }"


def _advice(key: str, carried: Collection[str]) -> str:
    if key == "reasoning_effort" and "chat_template_kwargs" in carried:
        return _IN_TEMPLATE
    return "remove the key"
