"""What tokens cost: prices, the bill of a run's requests, and the most that a run may spend.

Prices are those of hosted APIs: so much for a million tokens, in any one currency, which is never named here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_PRICED_TOKENS = 1_000_000


@dataclass(frozen=True)
class Prices:
    """What a million tokens cost; reasoning tokens are among the completion's."""

    prompt: float
    completion: float

    def cost(self, prompt_tokens: float, completion_tokens: float) -> float:
        """Return what so many tokens cost."""
        return (prompt_tokens * self.prompt + completion_tokens * self.completion) / _PRICED_TOKENS


@dataclass(frozen=True)
class Cost:
    """What an experiment cost, in the currency of its prices.

    Attributes:
        spent: what the answers cost that were requested in this run; None where the server counted no tokens.
        all_samples: what all samples cost by today's prices, those included that an earlier run requested and
            stored, and repair rounds; None where the tokens of some are unknown.
        uncounted: how many of this run's answers came without token counts.
    """

    spent: float | None
    all_samples: float | None
    uncounted: int = 0


class Purse:
    """What all experiments of a run have spent together, and the most that they may.

    Attributes:
        limit: the most; None for no limit.
        spent: what the answers so far cost.
    """

    def __init__(self, limit: float | None = None) -> None:
        self.limit = limit
        self.spent = 0.0
        self._has_uncounted = False

    def pay(self, cost: float | None) -> None:
        """Note what an answer cost; None: its tokens are unknown."""
        self.spent += cost or 0.0
        self._has_uncounted |= cost is None

    def refusal(self) -> str | None:
        """Return why nothing more may be requested; None where it may."""
        if self.limit is None:
            return None
        if self._has_uncounted:
            return (
                "not requested: the server reports no token counts, so --humaneval-max-cost "
                f"{self.limit:g} cannot be kept"
            )
        if self.spent >= self.limit:
            return f"not requested: --humaneval-max-cost {self.limit:g} is spent"
        return None


class Bill:
    """What the answers to one experiment's requests cost, as its server counts tokens.

    Attributes:
        uncounted: answers without token counts.
    """

    def __init__(self, prices: Prices | None, purse: Purse) -> None:
        """Begin with nothing; where there are no ``prices``, nothing is paid from ``purse``."""
        self._prices, self._purse = prices, purse
        self._cost = 0.0
        self.uncounted = 0

    @property
    def cost(self) -> float | None:
        """What they cost together; None where the tokens of one are unknown, or there are no prices."""
        return None if self.uncounted or self._prices is None else self._cost

    def add(self, answer: Mapping[str, Any]) -> None:
        """Add an answer of a server, a JSON object of the OpenAI API; an error in its place costs nothing."""
        tokens = counted_tokens(answer)
        if self._prices is None or (tokens is None and not answer.get("choices")):
            return
        cost = None if tokens is None else self._prices.cost(*tokens)
        self._cost += cost or 0.0
        self.uncounted += cost is None
        self._purse.pay(cost)

    def refusal(self) -> str | None:
        """Return why nothing more may be requested; None where it may."""
        return None if self._prices is None else self._purse.refusal()


def counted_tokens(answer: Mapping[str, Any]) -> tuple[int, int] | None:
    """Return the tokens that an answer read and wrote by its ``usage``; None where that does not say both."""
    usage = answer.get("usage")
    if not isinstance(usage, Mapping):
        return None
    read, written = usage.get("prompt_tokens"), usage.get("completion_tokens")
    # No prompt is empty: some servers count one that they had in a cache as 0.
    if isinstance(read, int) and isinstance(written, int) and read > 0 and written >= 0:
        return read, written
    return None
