"""The table of a study: which factor moved the score."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from pytest_humaneval.core.scoring.study import Effect, Study
from pytest_humaneval.reports.table import fitted

_UNKNOWN = "-"
_INDENT = "  "


def study_lines(studies: Sequence[Study], width: int) -> Iterator[str]:
    """Yield the lines of each study, the table's of at most that width: title, table, conclusions."""
    for study in studies:
        yield title(study)
        for row in fitted([headings(study), *map(cells, study.effects)], width - len(_INDENT)):
            yield from (f"{_INDENT}{line}" for line in row)
        yield from (f"{_INDENT}{line}" for line in conclusions(study))


def headings(study: Study) -> tuple[str, ...]:
    """Return the headings of the table."""
    return (
        *("factor", "level", study.score, "first level", study.score, "difference"),
        *("adjusted p", "95% interval", "p", "problems", "combinations"),
    )


def title(study: Study) -> str:
    """Return what the table is of, and for how many comparisons its p-values are adjusted."""
    count = study.comparisons
    return (
        f"study {study.name}: {study.experiments} experiments, {count} "
        f"{'comparison' if count == 1 else 'comparisons'}; p-values adjusted by Holm's method"
    )


def cells(effect: Effect) -> tuple[str, ...]:
    """Return a row of the table."""
    if effect.found is None:
        figures = (_UNKNOWN, effect.against, *[_UNKNOWN] * 5, "0", str(effect.combinations))
        return (effect.factor, effect.level, *figures)
    low, high = effect.found.interval
    return (
        effect.factor,
        effect.level,
        f"{effect.score:.1%}",
        effect.against,
        f"{effect.reference:.1%}",
        _points(effect.score - effect.reference),
        f"{effect.adjusted_p:.3g}",
        f"{_points(low)} to {_points(high)}",
        f"{effect.found.p_value:.3g}",
        str(effect.problems),
        str(effect.combinations),
    )


def conclusions(study: Study) -> Iterator[str]:
    """Yield in words what moved the score, and what the figures do not say."""
    moved = [effect for effect in study.effects if effect.is_distinguishable]
    for effect in moved:
        word = "raised" if effect.score > effect.reference else "lowered"
        yield f"{effect.factor} {effect.level} {word} the score against {effect.against}"
    if not moved and study.comparisons:
        yield "no level is distinguishable from the first of its factor"
    for effect in study.effects:
        if effect.found is None:
            yield f"{effect.factor} {effect.level}: not compared with {effect.against}; {_reason(effect)}"
    if any(effect.combinations > 1 for effect in study.effects):
        yield "a problem's score is its average over the combinations of other factors that have both levels"


def study_json(study: Study) -> dict[str, Any]:
    """Return a study as JSON data."""
    return {
        "score": study.score,
        "experiments": study.experiments,
        "comparisons": study.comparisons,
        "adjustment": "Holm",
        "effects": [_effect_json(effect) for effect in study.effects],
    }


def _effect_json(effect: Effect) -> dict[str, Any]:
    found = effect.found
    figures = {
        "score": effect.score,
        "score_against": effect.reference,
        "delta": effect.score - effect.reference,
        "ci95": list(found.interval) if found else None,
        "p_value": found.p_value if found else None,
        "adjusted_p_value": effect.adjusted_p,
        "test": found.test if found else None,
    }
    return {
        **{key: asdict(effect)[key] for key in ("factor", "level", "against", "combinations", "problems")},
        **{key: value if found else None for key, value in figures.items()},
        "distinguishable": effect.is_distinguishable,
    }


def _reason(effect: Effect) -> str:
    if not effect.combinations:
        return "no combination of the other factors was run with both"
    return "no problem was judged in all of these combinations"


def _points(share: float) -> str:
    return f"{100 * share:+.1f}"
