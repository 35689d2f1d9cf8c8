"""The table that compares every two experiments: its cells as texts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count

from pytest_humaneval.core.scoring.paired_matrix import ComparedPair, PairedMatrix
from pytest_humaneval.core.scoring.run import Run

MINUS = "\N{MINUS SIGN}"
_FEWEST = 3


@dataclass(frozen=True)
class MatrixCell:
    """The row's experiment against the column's.

    Attributes:
        pair: the comparison's number in the page's index.
        sides: the two experiments in words.
        points: the difference in points, with a mark where it is significant.
        interval: its 95 % interval in points.
        p_value: the adjusted p-value.
        style: the style sheet's class: which of the two wins, empty where none does.
    """

    pair: int
    sides: str
    points: str
    interval: str
    p_value: str
    style: str


@dataclass(frozen=True)
class MatrixTable:
    """The table of one dataset's experiments.

    Attributes:
        dataset: the dataset's name.
        experiments: the names; the row and the column of one have its place, from 1.
        scores: pass@1 of each.
        rows: for each experiment, its cells against those before it.
        pairs: the number of comparisons.
        most: where there are too many experiments to compare, how many would not be.
    """

    dataset: str
    experiments: tuple[str, ...]
    scores: tuple[float, ...]
    rows: tuple[tuple[MatrixCell, ...], ...]
    pairs: int
    most: int


def matrix_tables(matrices: Sequence[PairedMatrix], runs: Sequence[Run]) -> list[MatrixTable]:
    """Return the tables of the datasets with at least three experiments: two need none."""
    scores = {run.experiment.name: run.pass_at[1] for run in runs}
    numbers = count()
    tables = []
    for matrix in matrices:
        numbered = {(pair.newer, pair.older): (next(numbers), pair) for pair in matrix.pairs}
        if len(matrix.experiments) >= _FEWEST:
            rows = tuple(
                tuple(_cells(name, matrix.experiments[:place], numbered))
                for place, name in enumerate(matrix.experiments)
            )
            own = tuple(scores[name] for name in matrix.experiments)
            tables.append(
                MatrixTable(matrix.dataset, matrix.experiments, own, rows, len(matrix.pairs), matrix.most)
            )
    return tables


def _cells(
    newer: str, before: Sequence[str], numbered: dict[tuple[str, str], tuple[int, ComparedPair]]
) -> Iterator[MatrixCell]:
    for older in before:
        if (newer, older) in numbered:
            yield _cell(*numbered[newer, older])


def _cell(number: int, pair: ComparedPair) -> MatrixCell:
    low, high = pair.comparison.ci95
    mark, style = {None: ("", ""), pair.newer: ("▲ ", "gained"), pair.older: ("▼ ", "lost")}[pair.winner]
    return MatrixCell(
        number,
        f"{pair.newer} against {pair.older}:",
        f"{mark}{_points(pair.comparison.delta)}",
        f"{_points(low)} to {_points(high)}",
        _p_value(pair.adjusted_p),
        style,
    )


def _points(share: float) -> str:
    return f"{100 * share:+.1f}".replace("-", MINUS)


def _p_value(value: float) -> str:
    return "p < 0.001" if value < 0.001 else f"p = {value:.3f}" if value < 0.1 else f"p = {value:.2f}"
