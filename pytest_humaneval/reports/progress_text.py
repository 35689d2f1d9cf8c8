"""The text of the progress line: what fits, the most important first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from pytest_humaneval.core.ports import Traffic

_UNLIMITED_COLUMNS = 1_000


@dataclass(frozen=True)
class ProgressState:
    """How far a run is at one moment.

    Attributes:
        draws: completions that the run needs.
        done: those that are there.
        judged: those that are judged.
        passed: those that passed.
        errors: those that have no verdict, for a reason that is not the model's.
        asking: later repair rounds that are being asked.
        traffic: what the requests are doing.
        tokens_per_s: the rate at which the model writes.
        left_s: an estimate of the seconds left; None where there is none.
    """

    draws: int
    done: int = 0
    judged: int = 0
    passed: int = 0
    errors: int = 0
    asking: int = 0
    traffic: Traffic = field(default_factory=Traffic)
    tokens_per_s: float = 0.0
    left_s: float | None = None


def progress_text(state: ProgressState, columns: int = _UNLIMITED_COLUMNS) -> str:
    """Return one line of at most so many columns; what is least important is left out first."""
    count = f"{state.done}/{state.draws}"
    traffic = state.traffic
    judged = f"{state.judged} judged"
    passed = _share(state.passed, state.judged - state.errors)
    errors = f"{state.errors} error{'s'[: state.errors != 1]}" if state.errors else ""
    rounds = f"{state.asking} in repair rounds" if state.asking else ""
    in_flight = f"{traffic.in_flight} in flight" if traffic.in_flight else ""
    retries = f"{traffic.waiting_to_retry} waiting to retry: {traffic.retry_reason}"
    retries = retries if traffic.waiting_to_retry else ""
    tokens = f"{state.tokens_per_s:,.0f} tokens/s" if state.tokens_per_s else ""
    left = "" if state.left_s is None or state.judged >= state.draws else f"~{duration(state.left_s)} left"
    words = f"humaneval: {count} completions"
    chosen = _fitting(
        (retries, passed, left, in_flight, errors, judged, rounds, tokens), columns - len(words)
    )
    if columns < len(words) or not chosen.issuperset({retries, passed, left, in_flight} - {""}):
        words = count
        chosen = _fitting((retries, passed, left, in_flight), columns - len(words))
    in_order = (judged, passed, errors, rounds, in_flight, retries, tokens, left)
    return ", ".join([words, *(part for part in in_order if part in chosen)])


def _fitting(parts: Iterable[str], columns: int) -> set[str]:
    """Return the parts, given by importance, for which there is room."""
    fitting = set()
    for part in filter(None, parts):
        needed = len(part) + len(", ")
        if needed <= columns:
            fitting.add(part)
            columns -= needed
    return fitting


def _share(passed: int, verdicts: int) -> str:
    return f"{100 * passed / verdicts:.0f} % passed" if verdicts else ""


def duration(seconds: float) -> str:
    """Return a duration in the unit that suits it."""
    if seconds < 60:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02} min"
