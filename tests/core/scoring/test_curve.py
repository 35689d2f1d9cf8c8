"""Score against budget: the closed forms are what looking at every subset gives."""

from __future__ import annotations

import time
from itertools import combinations
from random import Random
from statistics import fmean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_humaneval.core.records import Outcome
from pytest_humaneval.core.results import ProblemResult, Sample
from pytest_humaneval.core.scoring.curve import curve
from pytest_humaneval.core.scoring.expected_choice import Judged, expected_scores
from pytest_humaneval.core.selection.choosing import Attempt, best
from tests.support.records_made import selecting_run, tried

WAYS = [
    ("examples",),
    ("vote",),
    ("examples", "vote"),
    ("vote", "examples"),
    ("likelihood",),
    ("examples", "likelihood"),
]
ATTEMPTS = st.builds(
    Attempt,
    st.just(2),
    st.integers(0, 2),
    st.sampled_from([(), ("a", "a"), ("a", "!E"), ("b", "a"), ("!E", "!E")]),
    st.sampled_from([None, -1.5, -0.5, -0.25]),
)
PROBLEMS = st.lists(st.tuples(ATTEMPTS, st.booleans()), min_size=1, max_size=6)


def by_every_subset(problem: list[Judged], ways: tuple[str, ...], k: int) -> float:
    """The mean over all subsets of k samples, and over those that are equally good in each."""
    return fmean(
        fmean(subset[place][1] for place in best([attempt for attempt, _ in subset], ways))
        for subset in combinations(problem, k)
    )


@pytest.mark.parametrize("ways", WAYS, ids=",".join)
@given(problem=PROBLEMS)
def test_each_way_is_the_mean_over_all_subsets(ways: tuple[str, ...], problem: list[Judged]) -> None:
    """For every budget, whatever the samples are like."""
    budgets = range(1, len(problem) + 1)

    expected = [by_every_subset(problem, ways, k) for k in budgets]

    assert expected_scores(problem, ways, budgets) == pytest.approx(expected)


def test_ten_samples_that_all_differ_are_looked_at_exactly() -> None:
    """No subset of them is drawn by chance."""
    problem = [(Attempt(2, index % 3, (str(index),)), index % 4 == 0) for index in range(10)]

    assert expected_scores(problem, ("vote",), (5,)) == pytest.approx(
        [by_every_subset(problem, ("vote",), 5)]
    )


@pytest.mark.slow
def test_drawn_subsets_are_near_the_mean_over_all() -> None:
    """Of 14 samples that all differ only some subsets are looked at, the same each time."""
    draw = Random(1)  # noqa: S311 (made-up samples)
    problems = [
        [(Attempt(2, draw.randrange(3), (str(index),)), draw.random() < 0.4) for index in range(14)]
        for _ in range(40)
    ]

    def scores() -> list[float]:
        return [expected_scores(each, ("vote",), (7,), str(seed))[0] for seed, each in enumerate(problems)]

    exact = fmean(by_every_subset(each, ("vote",), 7) for each in problems)
    # Five standard errors of 40 times 32 draws.
    assert fmean(scores()) == pytest.approx(exact, abs=5 * 0.5 / (40 * 32) ** 0.5)
    assert scores() == scores()


def test_the_curve_begins_with_one_sample_and_ends_with_all() -> None:
    """Where k = 1 every way is one sample; where k = n it is the choice among all, the oracle above it."""
    run = selecting_run(["-1a +3b +3b", "+3a -1b -1b"])
    found = run.curve

    assert found is not None
    assert found.budgets == (1, 2, 3)
    assert list(found.scores) == ["first", "examples", "vote", "examples,vote", "oracle"]
    assert {scores[0] for scores in found.scores.values()} == {0.5}
    assert found.scores["first"] == (0.5, 0.5, 0.5)
    assert found.scores["examples"] == pytest.approx((0.5, (1 + 2 / 3) / 2, 1.0))
    assert found.scores["oracle"] == pytest.approx((0.5, (1 + 2 / 3) / 2, 1.0))
    assert found.tokens(3) == 45


def test_likelihood_has_a_line_where_every_sample_has_one() -> None:
    """With a single unknown one it would be a comparison with nothing."""
    known = [Sample(index, Outcome.PASSED, examples=1, mean_logprob=-1.0 - index) for index in range(2)]
    unknown = [known[0], Sample(1, Outcome.PASSED, examples=1)]

    assert "likelihood" in curve_of(known)
    assert "likelihood" not in curve_of(unknown)


def curve_of(samples: list[Sample]) -> set[str]:
    """The lines of a problem's curve."""
    found = curve([ProblemResult("Test/0", "f", samples, selected=0)])
    assert found is not None
    return set(found.scores)


def test_the_way_of_the_run_has_a_line_of_its_own() -> None:
    """Where it is not among the usual ones; what comes after first decides nothing."""
    results = [tried(0, "+3a -1b")]
    found, same = curve(results, ("vote", "examples")), curve(results, ("examples", "first"))

    assert found is not None
    assert same is not None
    assert "vote,examples" in found.scores
    assert list(same.scores) == ["first", "examples", "vote", "examples,vote", "oracle"]


def test_with_many_samples_there_is_a_short_list_of_budgets() -> None:
    """It ends with all of them."""
    found = curve([tried(0, " ".join(["+3a", "-1b"] * 20))])

    assert found is not None
    assert found.budgets == (1, 2, 3, 5, 10, 20, 30, 40)


def test_a_problem_with_one_sample_leaves_no_budget_to_compare() -> None:
    """The curve goes as far as the problem with the fewest samples."""
    assert curve([tried(0, "+3a -1b"), tried(1, "+3a")]) is None
    assert curve([]) is None


def test_a_hundred_samples_of_every_problem_take_seconds() -> None:
    """Writing a report takes little beside judging them: 20 problems here, which take a third of a second."""
    draw = Random(2)  # noqa: S311 (made-up samples)
    attempts = [
        [Attempt(3, draw.randrange(4), (str(draw.randrange(60)),)) for _ in range(100)] for _ in range(20)
    ]
    start_s = time.process_time()
    for number, problem in enumerate(attempts):
        expected_scores([(each, True) for each in problem], ("vote",), (1, 10, 50, 100), str(number))

    assert time.process_time() - start_s < 5
