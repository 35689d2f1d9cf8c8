"""How far a run is: what is counted, and the estimate of the time left."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from pytest_humaneval.core.records import Outcome
from pytest_humaneval.evaluation.progress import Progress
from pytest_humaneval.evaluation.time_left import TimeLeft

DRAWS = 1_000
STEP_S = 0.5


def estimates(counts: Sequence[int], stored: int = 0) -> list[float | None]:
    """Return the estimates of a run in which so many are generated and judged by each half second."""
    time_left = TimeLeft()
    return [
        time_left.estimate_s(
            100 + step * STEP_S, count, stored + count, DRAWS - stored - count, DRAWS - stored - count
        )
        for step, count in enumerate(counts)
    ]


@given(st.lists(st.integers(0, 40), min_size=1, max_size=200))
def test_an_estimate_never_climbs(finished: list[int]) -> None:
    """However unevenly completions come: in bursts, not at all for a while, or ever more slowly."""
    counts = [min(DRAWS, sum(finished[: index + 1])) for index in range(len(finished))]
    known = [each for each in estimates(counts) if each is not None]

    assert known == sorted(known, reverse=True)


def test_a_steady_run_is_estimated_as_it_comes_out() -> None:
    """Ten in a second, a thousand in all: after ten seconds there are ninety left."""
    found = estimates([5 * step for step in range(200)])

    assert found[20] is not None
    assert abs(found[20] - 90) < 1


def test_nothing_is_said_of_what_nobody_knows() -> None:
    """Not at once, and not when it would be more than twice what was said before."""
    found = estimates([*(50 * step for step in range(11)), *[500] * 100])

    assert found[3] is None
    assert found[10] is not None
    assert found[-1] is None


def test_stored_completions_do_not_make_the_model_look_fast() -> None:
    """Nine hundred are there at once; the last hundred come as slowly as the model writes, one a second."""
    found = estimates([step // 2 for step in range(60)], stored=900)

    assert found[20] is not None
    assert abs(found[20] - 90) < 10


def test_verdicts_are_counted_where_they_are_known_first() -> None:
    """A process that executes knows them before its items report; a controller, when they report."""
    progress = Progress(draws=3)
    progress.reported.count([Outcome.PASSED, Outcome.INFRA_ERROR])
    reported = progress.state()
    progress.judged_here.count([Outcome.PASSED, Outcome.WRONG_ANSWER, Outcome.PASSED])
    judged = progress.state()

    assert (reported.judged, reported.passed, reported.errors) == (2, 1, 1)
    assert (judged.judged, judged.passed, judged.errors) == (3, 2, 0)
    assert not progress.is_under_way
