"""What tokens cost: by their prices, added up over a run, and nothing guessed."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_humaneval.core.cost import Bill, Prices, Purse, counted_tokens

PRICES = Prices(prompt=2.0, completion=10.0)


def answer(read: object, written: object) -> dict[str, Any]:
    """Return an answer of a server with this usage."""
    return {"choices": [{}], "usage": {"prompt_tokens": read, "completion_tokens": written}}


def test_prices_are_per_million_tokens() -> None:
    """Half a million read and a tenth of a million written."""
    assert PRICES.cost(500_000, 100_000) == 2.0


@pytest.mark.parametrize(
    "unknown",
    [{}, {"usage": None}, answer(None, 5), answer(7, None), answer(0, 5), {"usage": {"total_tokens": 12}}],
)
def test_no_count_is_made_up(unknown: dict[str, Any]) -> None:
    """A usage that does not say both, or counts a prompt as nothing, leaves the cost unknown."""
    bill = Bill(PRICES, Purse())
    bill.add(answer(100, 10))
    bill.add({"choices": [{}], **unknown})
    bill.add({"error": "some servers send errors with status 200"})

    assert (counted_tokens(unknown), bill.cost, bill.uncounted) == (None, None, 1)


def test_experiments_share_the_limit() -> None:
    """What one spent is not there for the other; at the limit nothing more may be requested."""
    purse = Purse(0.5)
    one, other = Bill(PRICES, purse), Bill(PRICES, purse)

    one.add(answer(100_000, 0))
    assert (other.refusal(), one.cost, other.cost) == (None, 0.2, 0.0)
    one.add(answer(150_000, 0))
    assert other.refusal() == "not requested: --humaneval-max-cost 0.5 is spent"


def test_a_limit_that_cannot_be_kept_ends_it() -> None:
    """Without token counts nobody knows what is spent; without a limit that stops nothing."""
    limited, free = Bill(PRICES, Purse(5.0)), Bill(PRICES, Purse())
    for bill in (limited, free):
        bill.add({"choices": [{}]})

    assert "no token counts" in str(limited.refusal())
    assert free.refusal() is None
