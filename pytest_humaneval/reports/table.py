"""Tables of plain text."""

from __future__ import annotations

from collections.abc import Sequence

_GAP = "  "


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return the rows as lines, their columns aligned on the left."""
    widths = _widths(rows)
    return [_line(row, widths, range(len(widths))) for row in rows]


def fitted(rows: Sequence[Sequence[str]], width: int) -> list[list[str]]:
    """Return the lines of each row: what does not fit into the width continues on indented lines.

    Every row, also that of the headings, continues with the same columns, which are aligned as well.
    """
    widths = _widths(rows)
    first, *others = _bands(widths, width)
    return [
        [_line(row, widths, first), *(_GAP + _line(row, widths, band) for band in others)] for row in rows
    ]


def _widths(rows: Sequence[Sequence[str]]) -> list[int]:
    return [max(map(len, column)) for column in zip(*rows, strict=True)]


def _line(row: Sequence[str], widths: Sequence[int], columns: Sequence[int]) -> str:
    return _GAP.join(row[column].ljust(widths[column]) for column in columns).rstrip()


def _bands(widths: Sequence[int], width: int) -> list[list[int]]:
    """Return which columns stand side by side: as many as fit, and at least one."""
    bands: list[list[int]] = [[]]
    used = 0
    for column, needed in enumerate(widths):
        if bands[-1] and used + needed > width:
            bands.append([])
            used = len(_GAP)
        bands[-1].append(column)
        used += needed + len(_GAP)
    return bands
