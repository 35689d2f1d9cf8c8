"""Choosing among samples: each way, ties, and samples of which little is known."""

from __future__ import annotations

from dataclasses import fields

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pytest_humaneval.core.config.ways import WAYS, are_ways, ways_of
from pytest_humaneval.core.records import Outcome
from pytest_humaneval.core.results import Sample
from pytest_humaneval.core.selection.choosing import Attempt, best, choose, groups


def attempts(*described: str) -> list[Attempt]:
    """Attempts at two examples, such as "2ab": both passed, the results a and b; ``!`` is a failed call."""
    return [Attempt(2, int(each[0]), tuple(each[1:])) for each in described]


ANY_ATTEMPT = st.builds(
    Attempt,
    st.just(3),
    st.integers(0, 3),
    st.one_of(st.just(()), st.tuples(*[st.sampled_from("ab!")] * 4)),
    st.one_of(st.none(), st.floats(-9, 0)),
)


def test_the_first_is_the_first() -> None:
    """Whatever the others are like."""
    assert choose(attempts("0a", "2b", "2b"), ["first"]) == 0


def test_most_examples_passed_is_best_and_among_equals_the_first() -> None:
    """The expected value over ties is had from all of them."""
    assert choose(attempts("1a", "2a", "0a", "2b"), ["examples"]) == 1
    assert best(attempts("1a", "2a", "0a", "2b"), ["examples"]) == [1, 3]


def test_the_largest_group_wins_a_vote() -> None:
    """Those that give the same results, where all pass as many examples."""
    assert choose(attempts("1ab", "1cd", "1cd"), ["vote"]) == 1


def test_votes_weigh_more_the_more_examples_they_pass() -> None:
    """Three that pass half of the examples weigh less than one that passes all."""
    assert choose(attempts("1a", "1a", "1a", "2b"), ["vote"]) == 3


def test_what_most_fail_at_counts_nothing() -> None:
    """An input at which most raise is no input of the function: what they raise does not part them."""
    assert groups(attempts("2a!", "2a!", "2ab", "2c!")) == [("a",), ("a",), ("a",), ("c",)]


def test_what_few_fail_at_counts() -> None:
    """One that fails where most return is another one."""
    assert choose(attempts("2a!", "2ab", "2ab"), ["vote"]) == 1


def test_programs_that_return_nothing_never_win_a_vote() -> None:
    """However many there are of them: failing alike is no agreement."""
    assert choose([*attempts("0!!", "0!!", "0!!"), Attempt(2), *attempts("0ab")], ["vote"]) == 4


def test_without_examples_every_vote_weighs_the_same() -> None:
    """A prompt may show none."""
    found = [Attempt(0, 0, ("a",)), Attempt(0, 0, ("b",)), Attempt(0, 0, ("b",))]

    assert choose(found, ["vote"]) == 1


def test_later_ways_decide_among_equals() -> None:
    """Examples first, then the vote, then the first of those."""
    found = attempts("1c", "2a", "2b", "2b")

    assert choose(found, ["examples"]) == 1
    assert choose(found, ["examples", "vote"]) == 2


def test_the_most_likely_is_best_and_an_unknown_one_never() -> None:
    """A sample without log probabilities loses against every other."""
    found = [Attempt(), Attempt(mean_logprob=-2.0), Attempt(mean_logprob=-0.5)]

    assert choose(found, ["likelihood"]) == 2


@given(st.lists(ANY_ATTEMPT, min_size=1, max_size=6), st.permutations(WAYS))
def test_a_choice_is_among_the_best_of_its_first_way(found: list[Attempt], ways: list[str]) -> None:
    """Later ways never overrule an earlier one, and there is always a choice."""
    assert best(found, ways) == [each for each in best(found, ways[:1]) if each in best(found, ways)]
    assert choose(found, ways) == best(found, ways)[0]


# The attempts that fail at the second call are just half of the weight, which a sum of floats may miss.
@example(
    [
        Attempt(3, 0, tuple("aaab")),
        Attempt(3, 0, tuple("a!aa")),
        Attempt(3, 3, tuple("aaaa")),
        Attempt(3, 3, tuple("a!aa")),
    ],
    None,
)
@given(st.lists(ANY_ATTEMPT, min_size=1, max_size=6), st.randoms())
def test_the_order_of_samples_decides_among_equals_only(found: list[Attempt], chance: object) -> None:
    """But for ``first``, a way finds the same attempts best in whatever order they come."""
    for ways in (["examples"], ["vote"], ["likelihood"], ["examples", "vote"]):
        chosen = [found[each] for each in best(found, ways)]
        backwards = [found[::-1][each] for each in best(found[::-1], ways)]
        assert sorted(map(repr, chosen)) == sorted(map(repr, backwards)), (ways, chance)


def test_choosing_knows_no_verdict() -> None:
    """What it gets of a sample has no outcome in it, nor anything that is computed from one."""
    passed = Sample(0, Outcome.PASSED, examples=2, examples_passed=1, behaviour=("a",), mean_logprob=-1.0)
    failed = Sample(
        0,
        Outcome.CRASHED,
        "r",
        "s",
        message="m",
        examples=2,
        examples_passed=1,
        behaviour=("a",),
        mean_logprob=-1.0,
    )

    assert Attempt.of(passed) == Attempt.of(failed) == Attempt(2, 1, ("a",), -1.0)
    assert {field.name for field in fields(Attempt)} == {
        "examples",
        "examples_passed",
        "behaviour",
        "mean_logprob",
    }


@pytest.mark.parametrize("names", [(), ("best",), ("examples", "examples"), ("examples", "")])
def test_unknown_names_are_no_ways(names: tuple[str, ...]) -> None:
    """Nor is none, or one twice."""
    assert not are_ways(names)


def test_ways_are_a_name_a_comma_list_or_a_list() -> None:
    """As a flag and a file write them."""
    assert ways_of("examples, vote") == ways_of(["examples", "vote"]) == ("examples", "vote")
    assert are_ways(ways_of("likelihood"))
