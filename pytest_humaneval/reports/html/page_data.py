"""The data of the page's script: an index of the problems, and a card for each that is read on demand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pytest_humaneval.core.records import Outcome
from pytest_humaneval.core.results import ProblemResult
from pytest_humaneval.core.results_json import to_json
from pytest_humaneval.core.scoring.gate import Comparison
from pytest_humaneval.core.scoring.run import Run
from pytest_humaneval.reports.failure_card import FailureCard

LETTERS = {outcome: chr(ord("a") + place) for place, outcome in enumerate(Outcome)}
"""One letter for each outcome, so that a thousand samples are a thousand letters."""

_EXCERPT_CHARS = 160

ComparedPair = tuple[str, str, Comparison]
"""Two experiments of this run, the first beside the second."""


def index(
    runs: Sequence[Run], baseline: Mapping[str, Comparison], pairs: Iterable[ComparedPair]
) -> dict[str, Any]:
    """Return the data that the grid, its filters and the comparison need of every problem."""
    names = {result.task_id: result.entry_point for run in runs for result in run.results}
    return {
        "letters": {letter: outcome.value for outcome, letter in LETTERS.items()},
        "experiments": [run.experiment.name for run in runs],
        "problems": list(names.items()),
        "cells": [_cells(run, list(names)) for run in runs],
        "baseline": {name: _flips(comparison) for name, comparison in baseline.items()},
        "pairs": [{"new": new, "old": old, **_flips(comparison)} for new, old, comparison in pairs],
    }


def card(card: FailureCard) -> dict[str, Any]:
    """Return a card as JSON data, with every sample of its problem."""
    return {
        "prompt": card.problem.prompt,
        "test": card.problem.test,
        "request": [[message.role, message.content] for message in card.request],
        "rerun": card.rerun,
        "debug": card.debug,
        "samples": to_json(card.result)["samples"],
    }


def places(runs: Sequence[Run]) -> Iterator[tuple[str, str, ProblemResult]]:
    """Yield each card's element id, its experiment and result; the id is ``card-EXPERIMENT-PROBLEM``.

    Both are numbers in the index, since names may hold characters that an id must not.
    """
    numbers: dict[str, int] = {}
    for run in runs:
        for result in run.results:
            numbers.setdefault(result.task_id, len(numbers))
    for number, run in enumerate(runs):
        for result in run.results:
            yield f"card-{number}-{numbers[result.task_id]}", run.experiment.name, result


def _cells(run: Run, task_ids: Sequence[str]) -> list[list[Any] | None]:
    results = {result.task_id: result for result in run.results}
    return [_cell(results[task_id]) if task_id in results else None for task_id in task_ids]


def _cell(result: ProblemResult) -> list[Any]:
    """Return a problem's outcomes as letters, the start of its first failure's message, tokens, seconds."""
    # result.samples may read each sample's texts from disk: only as far as the first failure. The figures are
    # in memory.
    failed = next((sample for sample in result.samples if sample.outcome is not Outcome.PASSED), None)
    return [
        "".join(LETTERS[sample.outcome] for sample in result.figures),
        (failed.message or "")[:_EXCERPT_CHARS] if failed else "",
        sum(sample.completion_tokens for sample in result.figures),
        round(sum(sample.seconds for sample in result.figures), 4),
    ]


def _flips(comparison: Comparison) -> dict[str, Any]:
    return {
        "delta": comparison.delta,
        "p_value": comparison.p_value,
        "gained": list(comparison.gained),
        "lost": list(comparison.lost),
        "unmatched": comparison.unmatched,
    }
