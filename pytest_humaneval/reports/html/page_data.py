"""The index of the problems: the data of the page's script that it needs at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pytest_humaneval.core.records import Outcome
from pytest_humaneval.core.results import ProblemResult
from pytest_humaneval.core.scoring.gate import Comparison
from pytest_humaneval.core.scoring.run import Run

LETTERS = {outcome: chr(ord("a") + place) for place, outcome in enumerate(Outcome)}
"""One letter for each outcome, so that a thousand samples are a thousand letters."""

_EXCERPT_CHARS = 160

ComparedPair = tuple[str, str, Comparison]
"""Two experiments of this run, the first beside the second."""


def index(
    runs: Sequence[Run], baseline: Mapping[str, Comparison], pairs: Iterable[ComparedPair]
) -> dict[str, Any]:
    """Return the data that the grid, its filters and the comparison need of every problem."""
    problems = _rows(runs)
    return {
        "letters": {letter: outcome.value for outcome, letter in LETTERS.items()},
        "experiments": [run.experiment.name for run in runs],
        "problems": [list(row) for row in problems],
        "cells": [_cells(run, problems) for run in runs],
        "baseline": {name: _flips(comparison) for name, comparison in baseline.items()},
        "pairs": [{"new": new, "old": old, **_flips(comparison)} for new, old, comparison in pairs],
    }


def places(runs: Sequence[Run]) -> Iterator[tuple[str, str, ProblemResult]]:
    """Yield each card's element id, its experiment and result; the id is ``card-EXPERIMENT-PROBLEM``.

    Both are numbers in the index, since names may hold characters that an id must not.
    """
    numbers = {row: number for number, row in enumerate(_rows(runs))}
    for number, run in enumerate(runs):
        for result in run.results:
            yield f"card-{number}-{numbers[_row(result)]}", run.experiment.name, result


def _rows(runs: Sequence[Run]) -> list[tuple[str, str]]:
    """Return the rows of the grid: HumanEval/0 of HumanEval and of HumanEval+ is one problem, in one row."""
    return list(dict.fromkeys(_row(result) for run in runs for result in run.results))


def _row(result: ProblemResult) -> tuple[str, str]:
    # With the entry point, since two datasets may call different problems by one id.
    return result.task_id, result.entry_point


def _cells(run: Run, rows: Sequence[tuple[str, str]]) -> list[list[Any] | None]:
    results = {_row(result): result for result in run.results}
    return [_cell(results[row]) if row in results else None for row in rows]


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
        "score": comparison.score,
        "delta": comparison.delta,
        "p_value": comparison.p_value,
        "gained": list(comparison.gained),
        "lost": list(comparison.lost),
        "unmatched": comparison.unmatched,
    }
