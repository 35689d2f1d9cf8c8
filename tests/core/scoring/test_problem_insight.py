"""What problems tell: nobody solves them, samples disagree, groups are harder than others."""

from __future__ import annotations

from fractions import Fraction

from pytest_humaneval.core.scoring.metrics import wilson95
from pytest_humaneval.core.scoring.problem_insight import (
    Group,
    JudgedProblem,
    by_examples,
    by_length,
    judged_problems,
    unstable,
)
from tests.support.records_made import run_of


def numbers(problems: list[JudgedProblem]) -> list[int]:
    """Return the numbers of problems called Test/number."""
    return [int(problem.key[0].partition("/")[2]) for problem in problems]


def test_nobody_solves_what_no_sample_of_any_experiment_passed() -> None:
    """A lost verdict is no failure: such a problem says nothing in that experiment."""
    problems = judged_problems(
        [run_of(["--", "-+", "--", "-?", "??"]), run_of(["-", "-", "+", "-", "?"], "b")]
    )

    assert numbers(problems) == [0, 1, 2, 3]
    assert numbers([problem for problem in problems if problem.is_unsolved]) == [0, 3]
    assert problems[3].counts == {"b": (1, 0)}


def test_the_least_stable_comes_first() -> None:
    """By the experiment in which half of the samples pass, or nearly; those that agree are stable."""
    a = run_of(["++++", "+---", "++--", "+++-"], "a")
    b = run_of(["----", "-+-+", "++--", "++++"], "b")

    found = unstable(judged_problems([a, b]))

    assert numbers(found) == [1, 2, 3]
    assert [problem.least_stable for problem in found] == ["b", "a", "a"]


def test_a_group_has_its_mean_and_its_interval() -> None:
    """A problem counts once, however many experiments there are: its share is the mean over these."""
    problems = judged_problems([run_of("+-+", "a"), run_of("--+", "b")])
    examples = {problem.key: count for problem, count in zip(problems, (7, 5, 0), strict=True)}

    assert by_examples(problems, examples) == [
        Group(0, 0, 1, 1.0, wilson95(1, 1)),
        Group(5, 7, 2, 0.25, wilson95(Fraction(1, 2), 2)),
    ]


def test_groups_by_length_have_about_as_many_problems_each() -> None:
    """Four of them, from short to long; problems of one length stay together."""
    problems = judged_problems([run_of("+" * 40)])
    lengths = {problem.key: 10 * (number // 3) for number, problem in enumerate(problems)}

    groups = by_length(problems, lengths)

    assert [group.problems for group in groups] == [12, 9, 9, 10]
    assert [(group.low, group.high) for group in groups] == [(0, 30), (40, 60), (70, 90), (100, 130)]


def test_what_cannot_be_compared_has_no_groups() -> None:
    """Few problems, problems that are all alike, or none whose text is known."""
    problems = judged_problems([run_of("+" * 20)])
    lengths = {problem.key: number for number, problem in enumerate(problems)}

    assert (len(by_length(problems, lengths)), by_length(problems[:19], lengths)) == (4, [])
    assert by_length(problems, dict.fromkeys((problem.key for problem in problems), 7)) == []
    assert by_length(problems, {}) == by_examples(problems, {}) == []
