"""The log probabilities of a choice's tokens, as servers of the OpenAI API report them.

    chat API          choices[].logprobs.content[].logprob
    completion API    choices[].logprobs.token_logprobs[]

They are of the tokens that were drawn, under the model's own distribution where the server does not say
otherwise (vLLM: ``--logprobs-mode``, by default before temperature and penalties). vLLM counts the token
that ended the text among them. Sources: OpenAI's API reference; vLLM's "Engine Arguments".
"""

from __future__ import annotations

from collections.abc import Iterator
from math import isfinite
from typing import Any


def mean_logprob(choice: dict[str, Any]) -> float | None:
    """Return the mean natural logarithm of the tokens' probabilities; None where the choice has none.

    Whatever else a server sends in their place is as good as nothing: the text is there all the same.
    """
    try:
        found = list(_logprobs(choice.get("logprobs")))
    except (TypeError, ValueError, LookupError, AttributeError):
        return None
    mean = sum(found) / len(found) if found else None
    return mean if mean is not None and isfinite(mean) else None


def _logprobs(reported: Any) -> Iterator[float]:  # noqa: ANN401 (a JSON value)
    if reported is None:
        return
    # By the shape, not by the API: llama.cpp's completion API answers in the shape of the chat API.
    if tokens := reported.get("content"):
        yield from (float(token["logprob"]) for token in tokens)
    else:
        # The first token of an echoed prompt has none: null.
        yield from (float(each) for each in reported.get("token_logprobs") or () if each is not None)
