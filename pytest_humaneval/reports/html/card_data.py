"""The data of a problem's card, which the page's script reads when the card is opened."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from pytest_humaneval.core.datasets.dataset import HUMANEVAL
from pytest_humaneval.core.results import ProblemResult
from pytest_humaneval.core.results_json import to_json
from pytest_humaneval.core.selection.alike import groups
from pytest_humaneval.reports.dataset_text import tests_text
from pytest_humaneval.reports.failure_card import FailureCard
from pytest_humaneval.reports.html.highlighting import Highlighter, utf16_units

_MOST_OF_BASELINE = 20
_NOT_SHOWN = frozenset({"behaviour", "form", "mean_logprob", "prompt_tokens", "shared", "stopped_early"})


def card(card: FailureCard, highlighter: Highlighter) -> dict[str, Any]:
    """Return a card as JSON data, with every sample of its problem and the colours of their programs."""
    samples = _samples(card.result)
    programs = _programs(card.problem.prompt, samples)
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
        "samples": list(map(_compact, samples)),
        "selected": card.result.selected,
        "colours": highlighter.colours(programs),
    }


def baseline_card(result: ProblemResult, highlighter: Highlighter) -> dict[str, Any]:
    """Return a baseline's samples of a problem as a card: the first ones, so that the page stays small."""
    kept = replace(result, samples=result.samples[:_MOST_OF_BASELINE])
    samples = _samples(kept)
    return {
        "samples": list(map(_compact, samples)),
        "left_out": len(result.samples) - len(samples),
        "colours": highlighter.colours(_programs("", samples)),
    }


def _samples(result: ProblemResult) -> list[dict[str, Any]]:
    """Return the samples as JSON data, with the group that each behaves like and the attempt that is kept."""
    samples: list[dict[str, Any]] = to_json(result)["samples"]
    for sample, group, judged in zip(samples, groups(result.figures), result.figures, strict=True):
        attempts = (judged, *judged.rounds)
        sample["group"] = group
        # 0 is the first answer.
        sample["kept"] = next(place for place, each in enumerate(attempts) if each is judged.final)
    return samples


def _programs(prompt: str, samples: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Yield the programs of a card in the order in which the page asks for their colours."""
    yield prompt
    for sample in samples:
        for attempt in (sample, *sample.get("rounds", ())):
            yield attempt["solution"] or ""


def _compact(attempt: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the page shows of an attempt, without what says nothing: a page may have 164,000."""
    data = {key: value for key, value in attempt.items() if key not in _NOT_SHOWN and not _is_nothing(value)}
    data["seconds"] = round(attempt["seconds"], 6)
    raw, solution = attempt["raw"], attempt["solution"]
    # A program that is a part of the completion is stored as its place there.
    if raw and solution and (start := raw.find(solution)) >= 0:
        data["solution"] = [utf16_units(raw[:start]), utf16_units(solution)]
    if "rounds" in attempt:
        data["rounds"] = [_compact(each) for each in attempt["rounds"]]
    return data


def _is_nothing(value: object) -> bool:
    return value is None or value is False or value == []
