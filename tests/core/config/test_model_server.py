"""A server's table: prices come in pairs, rates are above 0."""

from __future__ import annotations

import pytest

from pytest_humaneval.core.config.model_server import server_of
from pytest_humaneval.core.cost import Prices
from pytest_humaneval.core.errors import ConfigError

TABLE = {"base_url": "http://127.0.0.1:1/v1", "model": "m"}
PROMPT, COMPLETION = "price_per_million_prompt_tokens", "price_per_million_completion_tokens"


def test_prices_are_optional() -> None:
    """Both or none; a price may be 0."""
    assert server_of("s", TABLE, "here").prices is None
    assert server_of("s", {**TABLE, PROMPT: 0, COMPLETION: 0.6}, "here").prices == Prices(0, 0.6)


def test_one_price_alone_is_refused() -> None:
    """A cost of half the tokens would be a false figure."""
    with pytest.raises(ConfigError, match=rf"^here: key '{COMPLETION}' is missing beside the other price"):
        server_of("s", {**TABLE, PROMPT: 0.15}, "here")


@pytest.mark.parametrize(
    ("key", "value"),
    [(PROMPT, -1), (COMPLETION, float("inf")), (PROMPT, "free"), ("tokens_per_minute", 0)],
)
def test_impossible_values_are_refused(key: str, value: object) -> None:
    """One line says which key, what was found and what is expected."""
    with pytest.raises(ConfigError, match=f"^here, {key}: found {value!r}, expected"):
        server_of("s", {**TABLE, PROMPT: 1, COMPLETION: 1, key: value}, "here")
