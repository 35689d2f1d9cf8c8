"""What an experiment would request of its model: one request in full, and how many there are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class ShownRequest:
    """One request in full.

    Attributes:
        task_id: the problem that it is for.
        address: where it would be sent, or which model of this process would read it.
        headers: of HTTP, as the experiments file has them: secrets by the names of their variables.
        text: the JSON body as it is sent, or the prompt where nothing is sent.
        is_stored: whether its completion is in the store, as all others are, so that it would not be sent.
    """

    task_id: str
    address: str
    text: str
    headers: Mapping[str, Any] = field(default_factory=dict)
    is_stored: bool = False


@dataclass(frozen=True)
class Preview:
    """What an experiment would request.

    Attributes:
        experiment: its name.
        completions: how many it needs.
        stored: how many of them are in the store.
        requests: how many requests would ask for the others.
        prompt_tokens: the tokens of the prompts of those requests.
        is_estimated: whether that is estimated by their length.
        most_completion_tokens: the most tokens that the answers may have.
        most_cost: what all of it may cost at most; None where no prices are known.
        most_later_requests: the most requests that repair rounds may add, counted nowhere else.
        shown: one of the requests; None for an experiment that asks no model.
    """

    experiment: str
    completions: int
    stored: int = 0
    requests: int = 0
    prompt_tokens: int = 0
    is_estimated: bool = False
    most_completion_tokens: int = 0
    most_cost: float | None = None
    most_later_requests: int = 0
    shown: ShownRequest | None = None
