"""The page of a history: a summary of all experiments, then each with its plot, its table and its flips."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from pytest_humaneval.core.scoring.flips import Flips
from pytest_humaneval.reports.history import History
from pytest_humaneval.reports.history_table import flips_text, table
from pytest_humaneval.reports.html import plots
from pytest_humaneval.reports.html.history_plot import HistoryPlot, history_plot
from pytest_humaneval.reports.html.pages import render, write_pieces
from pytest_humaneval.reports.past_score import PastScore
from pytest_humaneval.reports.visible import visible

_STYLES = ("colours", "page", "plots", "insight")
_SCRIPTS = ("elements", "theme")


@dataclass(frozen=True)
class NeighbourFlips:
    """What changed from one report to the next: their names, the problems, and the same in a line."""

    report: str
    before: str
    flips: Flips
    text: str


@dataclass(frozen=True)
class ExperimentHistory:
    """One experiment: everything that the page shows of it.

    Attributes:
        title: the experiment's name, and the dataset where there are several.
        plot: its scores by date, or by number; None where no report has a score.
        headings: of its table.
        rows: of its table, one for each report.
        latest: the last of its scores.
        change: what changed in the last report, as text.
        flips: for each report, what changed since the one before; without those where nothing did.
    """

    title: str
    plot: HistoryPlot | None
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    latest: PastScore
    change: str
    flips: tuple[NeighbourFlips, ...]


def write_history(path: Path, history: History, folder: str) -> None:
    """Write the page of a folder's history atomically."""
    page = render(
        "history.html.j2",
        _STYLES,
        _SCRIPTS,
        folder=visible(folder),
        summary=history.summary,
        experiments=[_experiment(title, scores) for title, scores in history.scores.items()],
        box=plots,
    )
    write_pieces(path, page)


def _experiment(title: str, scores: Sequence[PastScore]) -> ExperimentHistory:
    headings, *rows = table(scores)
    found = (
        NeighbourFlips(now.report, old.report, now.flips, flips_text(now.flips))
        for old, now in pairwise(scores)
        if now.flips and (now.flips.gained or now.flips.lost)
    )
    latest = scores[-1]
    return ExperimentHistory(
        title, history_plot(scores), headings, tuple(rows), latest, flips_text(latest.flips), tuple(found)
    )
