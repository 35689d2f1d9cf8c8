"""The geometry of the plot of score against budget: a line for each way of choosing, and for the oracle."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import log10

from pytest_humaneval.core.scoring.curve import ORACLE, Curve
from pytest_humaneval.core.scoring.run import Run
from pytest_humaneval.reports.html.plots import BOTTOM, LEFT, RIGHT, TOP, Tick, percent_ticks, scale

# As a share of the axis.
_TICK_DISTANCE = 0.09


@dataclass(frozen=True)
class Line:
    """One way of choosing: its points (x, y, label), and the style sheet's class of its colour."""

    way: str
    style: str
    points: tuple[tuple[float, float, str], ...]

    @property
    def path(self) -> str:
        """The points in the syntax of SVG's polyline."""
        return " ".join(f"{x:.1f},{y:.1f}" for x, y, _ in self.points)


@dataclass(frozen=True)
class BudgetPlot:
    """Score against budget in one experiment; ``x_label`` says what the budget is."""

    experiment: str
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    x_label: str
    lines: tuple[Line, ...]


def budget_plots(runs: Iterable[Run]) -> list[BudgetPlot]:
    """Return a plot for each run whose samples were chosen from."""
    return [_plot(run.experiment.name, run.curve) for run in runs if run.curve]


def _plot(experiment: str, curve: Curve) -> BudgetPlot:
    last = curve.budgets[-1]
    to_x = scale(0, log10(last), LEFT, RIGHT)
    to_y = scale(0, 1, BOTTOM, TOP)
    each = curve.tokens(1)
    cost = f", each about {each:,.0f} tokens" if each else ""
    lines = [
        Line(
            way.replace(",", ", then "),
            "oracle" if way == ORACLE else f"series-{place % 6}",
            tuple(
                (to_x(log10(k)), to_y(score), _label(curve, k, score))
                for k, score in zip(curve.budgets, scores, strict=True)
            ),
        )
        for place, (way, scores) in enumerate(curve.scores.items())
    ]
    x_ticks = tuple((to_x(log10(k)), str(k)) for k in _ticks(curve.budgets))
    return BudgetPlot(experiment, x_ticks, percent_ticks(to_y), f"samples of a problem{cost}", tuple(lines))


def _ticks(budgets: tuple[int, ...]) -> list[int]:
    """Return the budgets that have a tick: the greatest, and those with room for a number beside the next."""
    shown = [budgets[-1]]
    for k in reversed(budgets):
        if log10(shown[0] / k) >= _TICK_DISTANCE * log10(budgets[-1]):
            shown.insert(0, k)
    return shown


def _label(curve: Curve, k: int, score: float) -> str:
    tokens = curve.tokens(k)
    cost = f", {tokens:,.0f} tokens" if tokens else ""
    return f"{k} {'sample' if k == 1 else 'samples'}{cost}: {score:.1%}"
