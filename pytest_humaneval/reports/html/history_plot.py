"""The geometry of the plot of an experiment's scores: by date where all reports have one, else by number."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from math import ceil

from pytest_humaneval.reports.history_table import date_text
from pytest_humaneval.reports.html import plots
from pytest_humaneval.reports.past_score import PastScore

# At most so many labels on the axis of the reports; more would overlap.
_MOST_NUMBERS = 10
_DATES = 4
# A shorter time than this has hours on its axis.
_DAYS = timedelta(days=3)


@dataclass(frozen=True)
class PlottedScore:
    """A score at its place: the point, the ends of its interval, and a label."""

    x: float
    y: float
    y_low: float
    y_high: float
    label: str


@dataclass(frozen=True)
class HistoryPlot:
    """pass@1 of one experiment, and selected@1 where there is one.

    Attributes:
        x_label: what the reports are placed by.
        x_ticks: dates, or numbers of the table's rows.
        y_ticks: shares.
        points: pass@1 with its interval, from left to right.
        selected: selected@1, from left to right: x, y, label.
    """

    x_label: str
    x_ticks: tuple[plots.Tick, ...]
    y_ticks: tuple[plots.Tick, ...]
    points: tuple[PlottedScore, ...]
    selected: tuple[tuple[float, float, str], ...]

    @property
    def line(self) -> str:
        """The points of pass@1 in the syntax of SVG's polyline."""
        return " ".join(f"{point.x:.1f},{point.y:.1f}" for point in self.points)

    @property
    def selected_line(self) -> str:
        """The points of selected@1 in the syntax of SVG's polyline."""
        return " ".join(f"{x:.1f},{y:.1f}" for x, y, _ in self.selected)


def history_plot(scores: Sequence[PastScore]) -> HistoryPlot | None:
    """Return the plot of these scores, oldest first; None where no report has a score."""
    if all(score.pass_at_1 is None for score in scores):
        return None
    dates = [score.date for score in scores if score.date]
    is_by_date = len(dates) == len(scores) and len(set(dates)) > 1
    axis = _date_axis(dates) if is_by_date else _number_axis(len(scores))
    places = [date.timestamp() for date in dates] if is_by_date else [*range(1, len(scores) + 1)]
    to_x = plots.scale(axis.low, axis.high, plots.LEFT, plots.RIGHT)
    to_y = plots.scale(0, 1, plots.BOTTOM, plots.TOP)
    # From left to right also where a saved baseline's number and its date disagree.
    placed = sorted(
        zip(map(to_x, places), range(1, len(scores) + 1), scores, strict=True), key=lambda each: each[:2]
    )
    return HistoryPlot(
        axis.label,
        tuple((to_x(place), name) for place, name in axis.ticks),
        plots.percent_ticks(to_y),
        tuple(_points(placed, to_y)),
        tuple(_selected(placed, to_y)),
    )


@dataclass(frozen=True)
class _Axis:
    label: str
    low: float
    high: float
    ticks: tuple[plots.Tick, ...]


def _number_axis(count: int) -> _Axis:
    # One report alone is drawn in the middle.
    ticks = tuple((float(n), str(n)) for n in range(1, count + 1, ceil(count / _MOST_NUMBERS)))
    return _Axis("number of the report", 0.5, count + 0.5, ticks)


def _date_axis(dates: Sequence[datetime]) -> _Axis:
    """Return an axis with room beside the first and the last date, so that their labels are whole."""
    first, last = min(dates).timestamp(), max(dates).timestamp()
    form = "%Y-%m-%d" if max(dates) - min(dates) >= _DAYS else "%m-%d %H:%M"
    room = (last - first) / 12
    marked = [first + (last - first) * step / (_DATES - 1) for step in range(_DATES)]
    ticks = tuple((at, datetime.fromtimestamp(at, timezone.utc).strftime(form)) for at in marked)
    return _Axis("end of the run (UTC)", first - room, last + room, ticks)


_Placed = tuple[float, int, PastScore]
"""A score, its place on the axis, and the number of its row in the table."""


def _points(placed: Sequence[_Placed], to_y: plots.Scale) -> Iterator[PlottedScore]:
    for x, number, score in placed:
        if score.pass_at_1 is not None and score.ci95 is not None:
            low, high = score.ci95
            label = f"{_name(number, score)}: {score.pass_at_1:.1%}, 95 % interval {low:.1%} to {high:.1%}"
            yield PlottedScore(x, to_y(score.pass_at_1), to_y(low), to_y(high), label)


def _selected(placed: Sequence[_Placed], to_y: plots.Scale) -> Iterator[tuple[float, float, str]]:
    for x, number, score in placed:
        if score.selected_score is not None:
            yield x, to_y(score.selected_score), f"{_name(number, score)}: selected@1 {score.selected}"


def _name(number: int, score: PastScore) -> str:
    date = f", {date_text(score)} UTC" if score.date else ""
    commit = f", commit {score.commit}" if score.commit else ""
    return f"{number}, {score.report}{date}{commit}"
