"""How fast requests were answered."""

from __future__ import annotations

from pytest_humaneval.core.records import Outcome
from pytest_humaneval.core.results import Sample
from pytest_humaneval.core.scoring.speed import Speed, Spread, speed_of


def sample(first_s: float | None, generation_s: float | None, tokens: int = 0, *rounds: Sample) -> Sample:
    """Return a sample that took so long."""
    return Sample(
        0,
        Outcome.PASSED,
        completion_tokens=tokens,
        first_token_s=first_s,
        generation_s=generation_s,
        rounds=rounds,
    )


def test_the_95th_percentile_is_a_value_that_occurred() -> None:
    """By the nearest rank: of 1 to 40 it is 38; the median is between 20 and 21."""
    samples = [sample(float(seconds), 2.0, 2 * seconds) for seconds in range(40, 0, -1)]

    assert speed_of(samples) == Speed(Spread(40, 20.5, 38.0), Spread(40, 20.5, 38.0))


def test_a_single_answer_is_its_own_percentile() -> None:
    """Few values need no special case."""
    assert speed_of([sample(0.5, 2.0, 10)]) == Speed(Spread(1, 0.5, 0.5), Spread(1, 5.0, 5.0))


def test_what_is_unknown_is_left_out() -> None:
    """Samples from a store have no times, and tokens that were not counted have no rate."""
    assert speed_of([sample(None, None, 10), sample(0.5, 2.0)]) == Speed(Spread(1, 0.5, 0.5), None)
    assert speed_of([sample(None, None, 10)]) is None
    assert speed_of([]) is None


def test_later_rounds_are_requests_too() -> None:
    """Each answer of a repaired sample was waited for."""
    found = speed_of([sample(1.0, 2.0, 10, sample(3.0, 4.0, 10))])

    assert found is not None
    assert found.first_token_s == Spread(2, 2.0, 3.0)
