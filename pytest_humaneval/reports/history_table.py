"""The table of a history: a row for each report, a column for each kind of figure that any of them has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pytest_humaneval.core.scoring.flips import Flips
from pytest_humaneval.reports.history import History
from pytest_humaneval.reports.past_score import PastScore
from pytest_humaneval.reports.repair_text import AFTER_REPAIR
from pytest_humaneval.reports.score_text import BASE
from pytest_humaneval.reports.selected_text import SELECTED
from pytest_humaneval.reports.table import aligned

_CHANGE, _DATE = "change", "date (UTC)"
_HEADINGS = (
    *("report", "pass@1", BASE, "95% interval", AFTER_REPAIR, SELECTED, "problems", _CHANGE, _DATE, "commit"),
)
_UNKNOWN = "-"


def history_lines(history: History) -> Iterator[str]:
    """Yield the history as lines: a table for each experiment, and how many files there are."""
    for title, scores in history.scores.items():
        yield title
        yield from (f"  {line}" for line in aligned(table(scores)))
        yield ""
    yield history.summary


def table(scores: Sequence[PastScore]) -> list[tuple[str, ...]]:
    """Return the headings and a row for each score, with a column for each kind that any report has."""
    rows = [_HEADINGS, *(_cells(score) for score in scores)]
    has = {
        BASE: any(score.pass_at_1_base is not None for score in scores),
        AFTER_REPAIR: any(score.after_repair for score in scores),
        SELECTED: any(score.selected for score in scores),
        _CHANGE: any(score.flips for score in scores),
        _DATE: any(score.date for score in scores),
    }
    shown = [place for place, name in enumerate(_HEADINGS) if has.get(name, True)]
    return [tuple(row[place] for place in shown) for row in rows]


def date_text(score: PastScore) -> str:
    """Return when the run ended, to the minute; a hyphen if unknown."""
    return _UNKNOWN if score.date is None else f"{score.date:%Y-%m-%d %H:%M}"


def flips_text(flips: Flips | None) -> str:
    """Return how many problems changed since the report before, and the test's p-value."""
    if flips is None:
        return _UNKNOWN
    return f"+{len(flips.gained)}/-{len(flips.lost)}, p = {flips.p_value:.3g}"


def _cells(score: PastScore) -> tuple[str, ...]:
    problems = str(score.problems)
    if score.problems < score.scorable:
        problems += f" of {score.scorable}"
    if score.pass_at_1 is None or score.ci95 is None:
        share, interval = _UNKNOWN, _UNKNOWN
    else:
        share, interval = f"{score.pass_at_1:.1%}", "{:.1%} - {:.1%}".format(*score.ci95)
    base = _UNKNOWN if score.pass_at_1_base is None else f"{score.pass_at_1_base:.1%}"
    further = (score.after_repair or _UNKNOWN, score.selected or _UNKNOWN)
    when = (flips_text(score.flips), date_text(score), score.commit or _UNKNOWN)
    return score.report, share, base, interval, *further, problems, *when
