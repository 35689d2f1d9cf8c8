"""How fast requests were answered, in words, and as JSON data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from pytest_humaneval.core.scoring.run import Run
from pytest_humaneval.core.scoring.speed import Spread, speed_of


def speed_facts(run: Run) -> Iterator[tuple[str, str]]:
    """Yield the name and the figures of each quantity that is known."""
    speed = speed_of(run.samples)
    if speed and speed.first_token_s:
        yield "first token", _figures(speed.first_token_s, "{:.3f} s")
    if speed and speed.tokens_per_s:
        yield "tokens/s of a request", _figures(speed.tokens_per_s, "{:,.1f}")


def speed_notes(run: Run) -> Iterator[str]:
    """Yield a line with all that is known, if anything is."""
    if facts := [f"{name} {figures}" for name, figures in speed_facts(run)]:
        yield f"{run.experiment.name}: {'; '.join(facts)}"


def speed_json(run: Run) -> dict[str, Any]:
    """Return the entry of the JSON report; no entry where no time is known, null for what is not."""
    speed = speed_of(run.samples)
    return {"speed": asdict(speed)} if speed else {}


def _figures(spread: Spread, form: str) -> str:
    median, p95 = form.format(spread.median), form.format(spread.p95)
    return f"median {median}, 95th percentile {p95} (of {spread.count:,})"
