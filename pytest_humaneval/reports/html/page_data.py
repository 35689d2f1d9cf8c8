"""The index of the problems: the data of the page's script that it needs at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from types import MappingProxyType
from typing import Any

from pytest_humaneval.core.records import Outcome
from pytest_humaneval.core.results import ProblemResult
from pytest_humaneval.core.scoring.gate import Comparison
from pytest_humaneval.core.scoring.paired_matrix import ComparedPair
from pytest_humaneval.core.scoring.run import Run

LETTERS = {outcome: chr(ord("a") + place) for place, outcome in enumerate(Outcome)}
"""One letter for each outcome, so that a thousand samples are a thousand letters."""

_EXCERPT_CHARS = 160


Row = tuple[str, str]
"""A row of the grid: task id and entry point, since two datasets may call different problems by one id."""

Selected = Mapping[str, Sequence[Row]]
"""The selected problems of each experiment, in a report of a session that is unfinished."""

NOTHING_MORE: Selected = MappingProxyType({})


def index(
    runs: Sequence[Run],
    baseline: Mapping[str, Comparison],
    pairs: Iterable[ComparedPair],
    selected: Selected = NOTHING_MORE,
) -> dict[str, Any]:
    """Return the data that the grid, its filters and the comparison need of every problem.

    ``waiting`` has for each experiment the numbers of the problems that are not judged yet.
    """
    problems = _rows(runs, selected)
    return {
        "letters": {letter: outcome.value for outcome, letter in LETTERS.items()},
        "experiments": [run.experiment.name for run in runs],
        "problems": [list(row) for row in problems],
        "cells": [_cells(run, problems) for run in runs],
        "waiting": [_waiting(run, problems, selected.get(run.experiment.name, ())) for run in runs],
        "baseline": {name: _flips(comparison) for name, comparison in baseline.items()},
        "pairs": [
            {
                "new": pair.newer,
                "old": pair.older,
                "adjusted_p": pair.adjusted_p,
                "of_pairs": pair.of_pairs,
                **_flips(pair.comparison),
            }
            for pair in pairs
        ],
    }


def places(
    runs: Sequence[Run], selected: Selected = NOTHING_MORE
) -> Iterator[tuple[str, str, ProblemResult]]:
    """Yield each card's element id, its experiment and result; the id is ``card-EXPERIMENT-PROBLEM``.

    Both are numbers in the index, since names may hold characters that an id must not.
    """
    numbers = {row: number for number, row in enumerate(_rows(runs, selected))}
    for number, run in enumerate(runs):
        for result in run.results:
            yield f"card-{number}-{numbers[_row(result)]}", run.experiment.name, result


def _rows(runs: Sequence[Run], selected: Selected) -> list[Row]:
    """Return the rows of the grid: HumanEval/0 of HumanEval and of HumanEval+ is one problem, in one row."""
    judged = (_row(result) for run in runs for result in run.results)
    return list(dict.fromkeys(chain(*selected.values(), judged)))


def _row(result: ProblemResult) -> Row:
    return result.task_id, result.entry_point


def _waiting(run: Run, rows: Sequence[Row], selected: Sequence[Row]) -> list[int]:
    waiting = set(selected) - {_row(result) for result in run.results}
    return [number for number, row in enumerate(rows) if row in waiting]


def _cells(run: Run, rows: Sequence[Row]) -> list[list[Any] | None]:
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
        "ci95": list(comparison.ci95),
        "gained": list(comparison.gained),
        "lost": list(comparison.lost),
        "unmatched": comparison.unmatched,
    }
