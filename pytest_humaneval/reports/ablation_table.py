"""The ablation's table: passes by experiment and post-processing, and what each step won or lost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pytest_humaneval.core.extraction.variants import Effect
from pytest_humaneval.reports.table import aligned

Ablation = Mapping[str, Sequence[Effect]]
"""By experiment: the effect of each post-processing, and of each without one of its steps."""

_SHOWN = 8


def ablation_lines(ablation: Ablation, names: Mapping[str, str] | None = None) -> Iterator[str]:
    """Yield the lines of the table, then one line for each step that made a difference.

    ``names`` has other names for experiments to show in the table, such as one with a mark.
    """
    shown = names or {}
    whole = {
        name: [effect for effect in effects if not effect.variant.left_out]
        for name, effects in ablation.items()
    }
    # Every experiment has the same post-processings, so the first one's give the headings.
    for first in list(whole.values())[:1]:
        headings = ("ablation", *(effect.variant.postprocess for effect in first))
        rows = [
            (shown.get(name, name), *(str(effect.passed) for effect in effects))
            for name, effects in whole.items()
        ]
        yield from aligned([headings, *rows])
    for name, effects in ablation.items():
        for effect in effects:
            if effect.won or effect.lost:
                variant = effect.variant
                yield f"  {name}, {variant.postprocess}: {variant.left_out} {_difference(effect)}"


def ablation_json(ablation: Ablation) -> dict[str, list[dict[str, Any]]]:
    """Return the ablation as JSON data."""
    return {
        name: [
            {
                "postprocess": effect.variant.postprocess,
                "left_out": effect.variant.left_out,
                "passed": effect.passed,
                "won": [list(place) for place in effect.won],
                "lost": [list(place) for place in effect.lost],
            }
            for effect in effects
        ]
        for name, effects in ablation.items()
    }


def _difference(effect: Effect) -> str:
    parts = (("won", effect.won), ("lost", effect.lost))
    return "; ".join(f"{word} {len(places)} ({_listed(places)})" for word, places in parts if places)


def _listed(places: Sequence[tuple[str, int]]) -> str:
    names = list(dict.fromkeys(task_id for task_id, _ in places))
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
