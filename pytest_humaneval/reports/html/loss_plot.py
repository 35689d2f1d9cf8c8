"""The geometry of the plot of an adapter's training: loss by step, and the validation's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil, floor

from pytest_humaneval.core.config.adapter_card import CurvePoint
from pytest_humaneval.core.scoring.run import Run
from pytest_humaneval.reports.html.budget_plot import Line
from pytest_humaneval.reports.html.plots import BOTTOM, LEFT, RIGHT, TOP, Scale, Tick, nice, scale
from pytest_humaneval.reports.training_curve import training_curve

# Points of a line, at most; at this width more would overlap.
_MAX_POINTS = 60


@dataclass(frozen=True)
class LossPlot:
    """The losses of one adapter's training."""

    experiment: str
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    lines: tuple[Line, ...]


def loss_plots(runs: Iterable[Run]) -> list[LossPlot]:
    """Return a plot for each run with an adapter whose training has a curve."""
    curves = [(run.experiment.name, training_curve(run)) for run in runs]
    return [_plot(name, curve) for name, curve in curves if curve]


def _plot(experiment: str, curve: Sequence[CurvePoint]) -> LossPlot:
    losses = {
        "training": [(point.step, point.loss) for point in curve if point.loss is not None],
        "validation": [
            (point.step, point.validation_loss) for point in curve if point.validation_loss is not None
        ],
    }
    steps = nice(max(point.step for point in curve))
    highest = ceil(max((loss for points in losses.values() for _, loss in points), default=1.0)) or 1
    to_x, to_y = scale(0, steps[-1], LEFT, RIGHT), scale(0, highest, BOTTOM, TOP)
    return LossPlot(
        experiment,
        tuple((to_x(step), f"{step:,.0f}") for step in steps),
        tuple((to_y(highest * quarters / 4), f"{highest * quarters / 4:g}") for quarters in range(5)),
        tuple(
            _line(name, f"series-{place}", points, to_x, to_y)
            for place, (name, points) in enumerate(losses.items())
            if points
        ),
    )


def _line(name: str, style: str, points: Sequence[tuple[int, float]], to_x: Scale, to_y: Scale) -> Line:
    shown = [points[floor(place)] for place in _spread(len(points))]
    labelled = tuple((to_x(step), to_y(loss), f"step {step:,}: {loss:.3f}") for step, loss in shown)
    return Line(name, style, labelled)


def _spread(count: int) -> list[float]:
    """Return places of at most so many points as are drawn, the first and the last among them."""
    if count <= _MAX_POINTS:
        return list(range(count))
    return [place * (count - 1) / (_MAX_POINTS - 1) for place in range(_MAX_POINTS)]
