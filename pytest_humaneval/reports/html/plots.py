"""The plots' geometry, in the units of an SVG view box; the templates draw it and the style sheet colours it.

No plotting library: there are only two kinds of plot, a few lines each, and a library would either put its
script into every report or fix colours, which must change between light and dark.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

from pytest_humaneval.core.records import Outcome
from pytest_humaneval.core.results import Sample
from pytest_humaneval.core.scoring.metrics import interval95, mean_pass_at_k
from pytest_humaneval.core.scoring.run import Run

WIDTH, HEIGHT = 360, 200
LEFT, RIGHT, TOP, BOTTOM = 44, 336, 12, 168
_BINS = 28
# Points of a pass@k curve, at most; at this width more would overlap.
_MAX_CURVE_POINTS = 24
# Steps between ticks, times a power of ten.
_STEPS = (1, 2, 2.5, 5, 10)

_Values = Sequence[tuple[float, Outcome]]
"""Each sample's measured value, and its outcome."""

Tick = tuple[float, str]
"""A position on an axis, or a value of it, and its label."""


Scale = Callable[[float], float]
"""Takes a value to its position on an axis."""


@dataclass(frozen=True)
class Bar:
    """One bar of a histogram: samples that passed at the bottom, the others above them."""

    x: float
    width: float
    y_passed: float
    y_all: float
    label: str


@dataclass(frozen=True)
class Histogram:
    """The number of samples by a measured quantity, whose name is ``what``."""

    experiment: str
    what: str
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    bars: tuple[Bar, ...]


@dataclass(frozen=True)
class PassAtKCurve:
    """pass@k of one experiment: the line, its points (x, y, label), and the corners of its interval's band.

    The band is Wilson's interval over the problems (``metrics.interval95``): at k = 1 that of the overview.
    """

    experiment: str
    points: tuple[tuple[float, float, str], ...]
    band: str

    @property
    def line(self) -> str:
        """The points in the syntax of SVG's polyline."""
        return " ".join(f"{x:.1f},{y:.1f}" for x, y, _ in self.points)


@dataclass(frozen=True)
class Curves:
    """pass@k of all experiments with more than one sample per problem."""

    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    curves: tuple[PassAtKCurve, ...]


def pass_at_k_curves(runs: Iterable[Run]) -> Curves | None:
    """Return pass@k by k, on a logarithmic axis; None if no run has several samples per problem."""
    scored = [run for run in runs if run.has_score]
    sampled = [(run, n) for run in scored if (n := min((n for n, _ in run.counts), default=1)) > 1]
    if not sampled:
        return None
    most = max(n for _, n in sampled)
    to_x = scale(0, log10(most), LEFT, RIGHT)
    to_y = scale(0, 1, BOTTOM, TOP)
    curves = []
    for run, n in sampled:
        curves.append(_curve(run, _log_spaced(n), lambda k: to_x(log10(k)), to_y))
    shown = [k for k in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000) if k <= most]
    x_ticks = tuple((to_x(log10(k)), str(k)) for k in shown)
    return Curves(x_ticks, percent_ticks(to_y), tuple(curves))


def _curve(run: Run, ks: Sequence[int], to_x: Scale, to_y: Scale) -> PassAtKCurve:
    counts = run.counts
    values = [(k, mean_pass_at_k(counts, k), *interval95(counts, k)) for k in ks]
    points = tuple(
        (to_x(k), to_y(value), f"pass@{k}: {value:.1%}, 95 % interval {low:.1%} to {high:.1%}")
        for k, value, low, high in values
    )
    corners = [(k, low) for k, _, low, _ in values] + [(k, high) for k, _, _, high in reversed(values)]
    return PassAtKCurve(
        run.experiment.name, points, " ".join(f"{to_x(k):.1f},{to_y(share):.1f}" for k, share in corners)
    )


def length_histograms(runs: Sequence[Run]) -> list[Histogram]:
    """Return histograms of the lengths of each run's completions, on the same axes.

    In tokens; in characters if any completion's tokens were not counted, since some servers report no usage.
    """
    drawn = [
        [_lengths(sample) for one in run.results for sample in one.samples if sample.raw] for run in runs
    ]
    if all(tokens for lengths in drawn for tokens, _, _ in lengths):
        values = [[(tokens, outcome) for tokens, _, outcome in lengths] for lengths in drawn]
        return _linear(runs, "tokens of a completion", values)
    values = [[(characters, outcome) for _, characters, outcome in lengths] for lengths in drawn]
    return _linear(runs, "characters of a completion", values)


def _lengths(sample: Sample) -> tuple[float, float, Outcome]:
    """Return a completion's length in tokens and in characters, and its outcome."""
    return float(sample.completion_tokens), float(len(sample.raw or "")), sample.outcome


def time_histograms(runs: Sequence[Run]) -> list[Histogram]:
    """Return histograms of the times of each run's candidates, on the same axes; time is logarithmic."""
    # Samples that were never executed have 0 seconds, which has no logarithm.
    values = [[(log10(s.seconds), s.outcome) for s in run.samples if s.seconds > 0] for run in runs]
    powers = [power for valued in values for power, _ in valued]
    if not powers:
        return []
    low, high = floor(min(powers)), max(floor(min(powers)) + 1, ceil(max(powers)))
    ticks = [(float(power), _time(10.0**power)) for power in range(low, high + 1)]
    return _histograms(runs, "time of a candidate", values, ticks, lambda power: _time(10**power))


def _linear(runs: Sequence[Run], what: str, values: Sequence[_Values]) -> list[Histogram]:
    lengths = [length for valued in values for length, _ in valued]
    if not lengths:
        return []
    ticks = [(tick, f"{tick:,.0f}") for tick in nice(max(lengths))]
    return _histograms(runs, what, values, ticks, lambda length: f"{length:,.0f}")


def _histograms(
    runs: Sequence[Run],
    what: str,
    values: Sequence[_Values],
    ticks: Sequence[Tick],
    label: Callable[[float], str],
) -> list[Histogram]:
    """Return a histogram of each run's values, between the first and the last tick."""
    low, high = ticks[0][0], ticks[-1][0]
    counted = [_counted(valued, low, high) for valued in values]
    heights = nice(max(passed + others for counts in counted for passed, others in counts))
    to_x, to_y = scale(low, high, LEFT, RIGHT), scale(0, heights[-1], BOTTOM, TOP)
    edges = [low + (high - low) * i / _BINS for i in range(_BINS + 1)]
    return [
        Histogram(
            run.experiment.name,
            what,
            tuple((to_x(tick), name) for tick, name in ticks),
            tuple((to_y(height), f"{height:,.0f}") for height in heights),
            tuple(
                Bar(
                    to_x(start),
                    to_x(end) - to_x(start) - 1,
                    to_y(passed),
                    # At least one unit high, so that a single sample of many thousands can be seen.
                    min(to_y(passed + others), BOTTOM - 1),
                    f"{label(start)} to {label(end)}: {passed} passed, {others} did not",
                )
                for start, end, (passed, others) in zip(edges, edges[1:], counts, strict=False)
                if passed + others
            ),
        )
        for run, counts in zip(runs, counted, strict=True)
        if any(passed + others for passed, others in counts)
    ]


def _counted(values: _Values, low: float, high: float) -> list[tuple[int, int]]:
    """Return for each bin the number of samples that passed, and of those that did not."""
    passed, others = [0] * _BINS, [0] * _BINS
    for value, outcome in values:
        number = min(_BINS - 1, max(0, int((value - low) / (high - low) * _BINS)))
        (passed if outcome is Outcome.PASSED else others)[number] += 1
    return list(zip(passed, others, strict=True))


def percent_ticks(to_y: Scale) -> tuple[Tick, ...]:
    """Return the ticks of an axis of shares."""
    return tuple((to_y(quarters / 4), f"{25 * quarters} %") for quarters in range(5))


def scale(low: float, high: float, start: float, end: float) -> Scale:
    """Return the function that takes ``low`` to ``start`` and ``high`` to ``end``, linearly."""
    return lambda value: start + (end - start) * (value - low) / (high - low)


def nice(most: float) -> list[float]:
    """Return round numbers from 0, the last of which is at least ``most``, in four to six steps."""
    rough = max(most, 4) / 4
    power = 10 ** floor(log10(rough))
    step = max(1, next(step * power for step in _STEPS if step * power >= rough))
    return [step * i for i in range(ceil(max(most, 4) / step) + 1)]


def _log_spaced(most: int) -> list[int]:
    if most <= _MAX_CURVE_POINTS:
        return list(range(1, most + 1))
    return sorted({round(most ** (i / _MAX_CURVE_POINTS)) for i in range(_MAX_CURVE_POINTS + 1)})


def _time(seconds: float) -> str:
    if seconds >= 100:
        return f"{seconds:,.0f} s"
    # From 0.999 of a unit on: three digits of 999.9 µs would be "1e+03 µs".
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if seconds >= 0.999 * size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-6:.3g} µs"
