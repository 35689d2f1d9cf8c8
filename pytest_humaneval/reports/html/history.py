"""The page of a history: pass@1 with its interval, report by report, and the table of the same figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path

from pytest_humaneval.reports.history import History, PastScore, table
from pytest_humaneval.reports.html import plots
from pytest_humaneval.reports.html.pages import render, write_pieces
from pytest_humaneval.reports.visible import visible

_STYLES = ("colours", "page", "plots")
_SCRIPTS = ("elements", "theme")
# At most so many labels on the axis of the reports; more would overlap.
_MOST_TICKS = 10


@dataclass(frozen=True)
class PlottedScore:
    """A score at its place: the point, the ends of its interval, and a label."""

    x: float
    y: float
    y_low: float
    y_high: float
    label: str


@dataclass(frozen=True)
class ScorePlot:
    """pass@1 of one experiment, by the number of the row in its table."""

    title: str
    x_ticks: tuple[plots.Tick, ...]
    y_ticks: tuple[plots.Tick, ...]
    points: tuple[PlottedScore, ...]
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @property
    def line(self) -> str:
        """The points in the syntax of SVG's polyline."""
        return " ".join(f"{point.x:.1f},{point.y:.1f}" for point in self.points)


def write_history(path: Path, history: History, folder: str) -> None:
    """Write the page of a folder's history atomically."""
    page = render(
        "history.html.j2",
        _STYLES,
        _SCRIPTS,
        folder=visible(folder),
        summary=history.summary,
        plots=[_plot(title, scores) for title, scores in history.scores.items()],
        box=plots,
    )
    write_pieces(path, page)


def _plot(title: str, scores: Sequence[PastScore]) -> ScorePlot:
    # One report alone is drawn in the middle.
    count = len(scores)
    headings, *rows = table(scores)
    to_x = plots.scale(0.5, count + 0.5, plots.LEFT, plots.RIGHT)
    to_y = plots.scale(0, 1, plots.BOTTOM, plots.TOP)
    return ScorePlot(
        title,
        tuple((to_x(number), str(number)) for number in range(1, count + 1, ceil(count / _MOST_TICKS))),
        plots.percent_ticks(to_y),
        tuple(_points(scores, to_x, to_y)),
        headings,
        tuple(rows),
    )


def _points(scores: Sequence[PastScore], to_x: plots.Scale, to_y: plots.Scale) -> Iterator[PlottedScore]:
    """Yield the points of those that have a score."""
    for number, score in enumerate(scores, start=1):
        if score.pass_at_1 is not None and score.ci95 is not None:
            low, high = score.ci95
            label = f"{number}, {score.report}: {score.pass_at_1:.1%}, 95 % interval {low:.1%} to {high:.1%}"
            yield PlottedScore(to_x(number), to_y(score.pass_at_1), to_y(low), to_y(high), label)
