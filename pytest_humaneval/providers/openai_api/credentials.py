"""What shows a server who asks: where it comes from, and what of it no message may show."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeVar

from pytest_humaneval.core.config.extra_headers import SentHeaders
from pytest_humaneval.providers.openai_api.failure import Failure

T = TypeVar("T")


@dataclass(frozen=True)
class Credentials:
    """What a batch's requests are sent with.

    Attributes:
        key_note: a clause that says where the API key comes from.
        headers: more headers of every request.
    """

    key_note: str
    headers: SentHeaders

    def hidden(self, outcome: T | Failure) -> T | Failure:
        """Return an attempt's outcome; the message of a failure shows no secret."""
        # Servers quote what they refuse.
        if not isinstance(outcome, Failure):
            return outcome
        return replace(outcome, message=self.headers.hidden(outcome.message))
