"""What a request carries beside its prompt and its sampling, where its experiment says so."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

TABLES = ("logit_bias", "chat_template_kwargs", "extra_body", "extra_headers")
"""Those of the extras that are tables."""


@dataclass(frozen=True)
class RequestExtras:
    """What only some requests carry; None: nothing is sent.

    Tables are JSON text with sorted keys: so a request can be hashed, and equal ones are equal.

    Attributes:
        reasoning_effort: how long a reasoning model shall think, in its server's words.
        logit_bias: what is added to the scores of tokens, by their numbers.
        chat_template_kwargs: variables of the model's chat template.
        extra_body: further fields of the request's JSON body.
        extra_headers: further headers of HTTP, as the experiments file has them: the names of environment
            variables, never their values.
    """

    reasoning_effort: str | None = None
    logit_bias: str | None = None
    chat_template_kwargs: str | None = None
    extra_body: str | None = None
    extra_headers: str | None = None

    def table(self, name: str) -> dict[str, Any]:
        """Return one of ``TABLES``; empty where it is not given."""
        text = getattr(self, name)
        found: dict[str, Any] = {} if text is None else json.loads(text)
        return found

    def given(self) -> dict[str, Any]:
        """Return those that are given, by name, as JSON data."""
        return {
            name: self.table(name) if name in TABLES else value
            for name, value in vars(self).items()
            if value is not None
        }


NO_EXTRAS = RequestExtras()
