"""Drawing a loss curve as SVG, which any browser shows; so no plotting library is needed."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from html import escape

Points = Sequence[tuple[float, float]]
"""(step, loss in nats)."""

_WIDTH, _HEIGHT = 720, 400
# Margins around the plot, in SVG's user units, as all lengths here.
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 16, 40, 48
_TICKS = 5
_COLOURS = ("#4477aa", "#cc3311")


def curve_svg(title: str, training: Points, validation: Points) -> str:
    """Return an SVG document: training loss at each step, validation loss at each epoch."""
    both = [*training, *validation]
    # "or 1": with the validation before the first step alone, the last step is 0, and divides.
    last = max((step for step, _ in both), default=1) or 1
    highest = _rounded_up(max((loss for _, loss in both), default=1.0))

    def place(step: float, loss: float) -> tuple[float, float]:
        x = _LEFT + step / last * (_WIDTH - _LEFT - _RIGHT)
        y = _HEIGHT - _BOTTOM - loss / highest * (_HEIGHT - _TOP - _BOTTOM)
        return round(x, 1), round(y, 1)

    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="sans-serif" '
        'font-size="12">',
        f"<title>{escape(title)}</title>",
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="white"/>',
        f'<text x="{_LEFT}" y="20" font-size="14">{escape(title)}</text>',
    ]
    for tick in range(_TICKS + 1):
        lines += _tick(place(0, highest * tick / _TICKS), place(last, 0), f"{highest * tick / _TICKS:.3g}")
        x, y = place(last * tick / _TICKS, 0)
        lines.append(f'<text x="{x}" y="{y + 16}" text-anchor="middle">{last * tick / _TICKS:.0f}</text>')
    lines.append(f'<text x="{_WIDTH - _RIGHT}" y="{_HEIGHT - 8}" text-anchor="end">step; loss in nats</text>')
    for row, (name, points) in enumerate((("training", training), ("validation", validation))):
        lines += _series(name, [place(*point) for point in points], _COLOURS[row], row)
    return "\n".join([*lines, "</svg>", ""])


def _tick(left: tuple[float, float], right: tuple[float, float], text: str) -> Iterator[str]:
    x, y = left
    yield f'<line x1="{x}" y1="{y}" x2="{right[0]}" y2="{y}" stroke="#dddddd"/>'
    yield f'<text x="{x - 8}" y="{y + 4}" text-anchor="end">{text}</text>'


def _series(name: str, places: Points, colour: str, row: int) -> Iterator[str]:
    joined = " ".join(f"{x},{y}" for x, y in places)
    yield f'<polyline points="{joined}" fill="none" stroke="{colour}" stroke-width="1.5"/>'
    for x, y in places if row else ():
        yield f'<circle cx="{x}" cy="{y}" r="3" fill="{colour}"/>'
    x, y = _WIDTH - _RIGHT - 110, 16 + 16 * row
    yield f'<line x1="{x}" y1="{y - 4}" x2="{x + 20}" y2="{y - 4}" stroke="{colour}" stroke-width="3"/>'
    yield f'<text x="{x + 26}" y="{y}">{name}</text>'


def _rounded_up(value: float) -> float:
    """Return the least d * 10**n that is not below ``value``, with one digit d and a whole number n."""
    if value <= 0:
        return 1.0
    power = 10 ** math.floor(math.log10(value))
    return float(next(step * power for step in range(1, 11) if step * power >= value))
