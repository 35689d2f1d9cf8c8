"""The data of a problem's card, which the page's script reads when the card is opened."""

from __future__ import annotations

from typing import Any

from pytest_humaneval.core.datasets.dataset import HUMANEVAL
from pytest_humaneval.core.results import ProblemResult
from pytest_humaneval.core.results_json import to_json
from pytest_humaneval.core.selection.alike import groups
from pytest_humaneval.reports.dataset_text import tests_text
from pytest_humaneval.reports.failure_card import FailureCard


def card(card: FailureCard) -> dict[str, Any]:
    """Return a card as JSON data, with every sample of its problem."""
    return {
        "prompt": card.problem.prompt,
        "test": tests_text(card.problem),
        "dataset": "" if card.dataset == HUMANEVAL else card.dataset,
        "request": [
            *([message.role, message.content] for message in card.request),
            *([] if card.suffix is None else [["suffix", card.suffix]]),
        ],
        "rerun": card.rerun,
        "debug": card.debug,
        "samples": _samples(card.result),
        "selected": card.result.selected,
    }


def _samples(result: ProblemResult) -> list[dict[str, Any]]:
    """Return the samples as JSON data, with the group that each behaves like and the attempt that is kept."""
    samples: list[dict[str, Any]] = to_json(result)["samples"]
    for sample, group, judged in zip(samples, groups(result.figures), result.figures, strict=True):
        # Its keys would be most of the page.
        for attempt in (sample, *sample.get("rounds", ())):
            attempt.pop("behaviour", None)
        attempts = (judged, *judged.rounds)
        sample["group"] = group
        # 0 is the first answer.
        sample["kept"] = next(place for place, each in enumerate(attempts) if each is judged.final)
    return samples
