"""The plots' geometry, in the units of an SVG view box; the templates draw it and the style sheet colours it.

No plotting library: there are two forms of plot here, a few lines each, and whatever library draws them would
either bring its script into every report, or fix colours that a page in light and dark must not fix.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

from pytest_humaneval.core.metrics import mean_pass_at_k
from pytest_humaneval.core.records import Outcome, Sample
from pytest_humaneval.core.run import Run

WIDTH, HEIGHT = 360, 200
LEFT, RIGHT, TOP, BOTTOM = 44, 348, 12, 168
_BINS = 28
_KS = 24
_STEPS = (1, 2, 2.5, 5, 10)

Tick = tuple[float, str]
"""A place on an axis, and its label."""


@dataclass(frozen=True)
class Bar:
    """One bar of a histogram: those that passed, at the bottom, and the others above them."""

    x: float
    width: float
    y_passed: float
    y_all: float
    label: str


@dataclass(frozen=True)
class Histogram:
    """How many samples have how much of something."""

    experiment: str
    what: str
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    bars: tuple[Bar, ...]


@dataclass(frozen=True)
class Curve:
    """pass@k of one experiment: the line, and its points (x, y, label)."""

    experiment: str
    points: tuple[tuple[float, float, str], ...]

    @property
    def line(self) -> str:
        """The points as SVG's polyline takes them."""
        return " ".join(f"{x:.1f},{y:.1f}" for x, y, _ in self.points)


@dataclass(frozen=True)
class Curves:
    """pass@k of all experiments with more than one sample a problem."""

    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    curves: tuple[Curve, ...]


def pass_at_k_curves(runs: Iterable[Run]) -> Curves | None:
    """Return pass@k by k, on a logarithmic axis; None where no run has several samples a problem."""
    sampled = [(run, n) for run in runs if (n := min((n for n, _ in run.tallies), default=1)) > 1]
    if not sampled:
        return None
    most = max(n for _, n in sampled)
    across = _scale(0, log10(most), LEFT, RIGHT)
    up = _scale(0, 1, BOTTOM, TOP)
    curves = []
    for run, n in sampled:
        values = [(k, mean_pass_at_k(run.tallies, k)) for k in _log_spaced(n)]
        points = tuple((across(log10(k)), up(v), f"pass@{k}: {v:.1%}") for k, v in values)
        curves.append(Curve(run.experiment.name, points))
    shown = [k for k in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000) if k <= most]
    x_ticks = tuple((across(log10(k)), str(k)) for k in shown)
    return Curves(x_ticks, tuple((up(v / 4), f"{25 * v} %") for v in range(5)), tuple(curves))


def length_histogram(run: Run) -> Histogram | None:
    """Return how long the completions are: in tokens, or in characters where nobody counted tokens."""
    counted = [sample for sample in run.samples if sample.completion_tokens]
    if counted:
        return _linear(run, counted, lambda sample: sample.completion_tokens, "tokens of a completion")
    read = [sample for sample in run.samples if sample.raw]
    return _linear(run, read, lambda sample: len(sample.raw or ""), "characters of a completion")


def time_histogram(run: Run) -> Histogram | None:
    """Return how long the candidates ran, on a logarithmic axis."""
    timed = [sample for sample in run.samples if sample.seconds > 0]
    if not timed:
        return None
    low = floor(log10(min(sample.seconds for sample in timed)))
    high = max(low + 1, ceil(log10(max(sample.seconds for sample in timed))))
    across = _scale(low, high, LEFT, RIGHT)
    ticks = tuple((across(power), _time(10.0**power)) for power in range(low, high + 1))
    edges = [low + (high - low) * i / _BINS for i in range(_BINS + 1)]
    labels = [_time(10**edge) for edge in edges]
    return _histogram(run, "time of a candidate", timed, lambda s: log10(s.seconds), edges, labels, ticks)


def _linear(
    run: Run, samples: Sequence[Sample], value: Callable[[Sample], float], what: str
) -> Histogram | None:
    if not samples:
        return None
    ticks = _nice(max(map(value, samples)))
    across = _scale(0, ticks[-1], LEFT, RIGHT)
    edges = [ticks[-1] * i / _BINS for i in range(_BINS + 1)]
    labels = [f"{edge:,.0f}" for edge in edges]
    x_ticks = tuple((across(tick), f"{tick:,.0f}") for tick in ticks)
    return _histogram(run, what, samples, value, edges, labels, x_ticks)


def _histogram(
    run: Run,
    what: str,
    samples: Sequence[Sample],
    value: Callable[[Sample], float],
    edges: Sequence[float],
    labels: Sequence[str],
    x_ticks: tuple[Tick, ...],
) -> Histogram:
    passed, others = [0] * _BINS, [0] * _BINS
    span = edges[-1] - edges[0]
    for sample in samples:
        place = min(_BINS - 1, max(0, int((value(sample) - edges[0]) / span * _BINS)))
        (passed if sample.outcome is Outcome.PASSED else others)[place] += 1
    heights = _nice(max(map(sum, zip(passed, others, strict=True))))
    up = _scale(0, heights[-1], BOTTOM, TOP)
    width = (RIGHT - LEFT) / _BINS
    bars = tuple(
        Bar(
            LEFT + i * width,
            width - 1,
            up(passed[i]),
            up(passed[i] + others[i]),
            f"{labels[i]} to {labels[i + 1]}: {passed[i]} passed, {others[i]} did not",
        )
        for i in range(_BINS)
        if passed[i] + others[i]
    )
    y_ticks = tuple((up(height), f"{height:,.0f}") for height in heights)
    return Histogram(run.experiment.name, what, x_ticks, y_ticks, bars)


def _scale(low: float, high: float, start: float, end: float) -> Callable[[float], float]:
    return lambda value: start + (end - start) * (value - low) / (high - low)


def _nice(most: float) -> list[float]:
    """Return round numbers from 0, the last of which is at least ``most``, in four to six steps."""
    rough = max(most, 4) / 4
    power = 10 ** floor(log10(rough))
    step = max(1, next(step * power for step in _STEPS if step * power >= rough))
    return [step * i for i in range(ceil(max(most, 4) / step) + 1)]


def _log_spaced(most: int) -> list[int]:
    if most <= _KS:
        return list(range(1, most + 1))
    return sorted({round(most ** (i / _KS)) for i in range(_KS + 1)})


def _time(seconds: float) -> str:
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if seconds >= 0.999 * size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-6:.3g} µs"
