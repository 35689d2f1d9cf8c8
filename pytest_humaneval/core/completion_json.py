"""A completion, or why there is none, as JSON data: for stores, spools, and between processes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pytest_humaneval.core.records import Completion, DrawResult, NoCompletion

_LATER = ("mean_logprob", "reasoning", "reasoning_tokens", "rounds", "first_token_s", "generation_s")


def to_json(result: DrawResult) -> dict[str, Any]:
    """Return the fields of a completion, or ``{"reason": ...}`` where there is none."""
    data = dict(vars(result))
    if isinstance(result, NoCompletion):
        return data
    data["rounds"] = [to_json(each) for each in result.rounds]
    # What is unused is left out: an earlier version reads the rest.
    return {name: value for name, value in data.items() if name not in _LATER or value not in (None, [])}


def from_json(data: Mapping[str, Any]) -> DrawResult:
    """Return what :func:`to_json` was given.

    Raises:
        TypeError: the data is not such a record.
    """
    return NoCompletion(**data) if "reason" in data else completion_from_json(data)


def completion_from_json(data: Mapping[str, Any]) -> Completion:
    """Return the completion that :func:`to_json` was given, where nothing else can be.

    Raises:
        TypeError: the data is no completion.
    """
    if not isinstance(data, Mapping):
        raise TypeError(f"found {type(data).__name__}, expected the fields of a completion")
    rounds = tuple(completion_from_json(each) for each in data.get("rounds", ()))
    return Completion(**{**data, "rounds": rounds})


def to_text(completion: Completion) -> str:
    """Return a completion as JSON text, of ASCII characters alone whatever a model wrote."""
    return json.dumps(to_json(completion))


def from_text(text: str | bytes) -> Completion:
    """Return the completion that :func:`to_text` wrote.

    Raises:
        TypeError, ValueError: the text is not such a completion.
    """
    return completion_from_json(json.loads(text))
