"""How fast a run's requests were answered, where the answers arrived in pieces."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil
from statistics import median

from pytest_humaneval.core.results import Sample


@dataclass(frozen=True)
class Spread:
    """A quantity over the completions of a run.

    Attributes:
        count: of how many completions it is known.
        median: its median.
        p95: its 95th percentile by the nearest rank: the least value that at least 95 % are not above.
    """

    count: int
    median: float
    p95: float


@dataclass(frozen=True)
class Speed:
    """How fast the completions came that were generated in this run, later rounds of repair too.

    Attributes:
        first_token_s: seconds from sending a request to its first token; None if unknown.
        tokens_per_s: tokens of a completion by the seconds from sending its request to the last token of all
            that were asked for together; None if unknown.
    """

    first_token_s: Spread | None
    tokens_per_s: Spread | None


def speed_of(samples: Iterable[Sample]) -> Speed | None:
    """Return the speed of samples; None where no time of any is known."""
    attempts = [attempt for sample in samples for attempt in (sample, *sample.rounds)]
    first_s = [attempt.first_token_s for attempt in attempts if attempt.first_token_s is not None]
    rates = [
        attempt.completion_tokens / attempt.generation_s
        for attempt in attempts
        # No tokens: the server did not count them.
        if attempt.generation_s and attempt.completion_tokens
    ]
    return Speed(_spread(first_s), _spread(rates)) if first_s or rates else None


def _spread(values: Sequence[float]) -> Spread | None:
    if not values:
        return None
    return Spread(len(values), median(values), sorted(values)[ceil(0.95 * len(values)) - 1])
