"""What the self-test asks of a dataset: its answers, and the outcomes that are right for them."""

from __future__ import annotations

from dataclasses import replace

from pytest_humaneval.commands.selftest_answers import answers
from pytest_humaneval.core.records import Outcome
from tests.support.records_made import problem


def test_a_solution_that_is_to_be_repaired_must_not_pass() -> None:
    """If it passed, a model's answer that changes nothing would look like a repair."""
    bug = answers([replace(problem(0), buggy="    return 1\n")])[-1]

    assert Outcome.PASSED not in bug.expected
    assert [each and each.solution for _, each in bug.candidates] == [f"{problem(0).prompt}    return 1\n"]


def test_a_bug_may_be_a_whole_program() -> None:
    """Then it stands alone."""
    program = "def f():\n    return 1\n"

    bug = answers([replace(problem(0), buggy=program)])[-1]

    assert [each and each.solution for _, each in bug.candidates] == [program]


def test_humaneval_alone_has_no_other_checks() -> None:
    """Fifteen forms and the stubs."""
    checks = answers([problem(0), problem(1)])

    assert len(checks) == 16
    assert checks[-1].name == "stubs that return None do not pass"
    assert {len(check.candidates) for check in checks} == {2}


def test_a_gap_is_filled_in_its_place() -> None:
    """With the middle alone, or with the whole function; the last gap of a function has nothing after it."""
    first = replace(problem(0), canonical_solution="    y = 1\n", suffix="    return y\n")
    last = replace(problem(1), prompt=f"{problem(1).prompt}    y = 1\n", canonical_solution="    return y\n")

    middle, entire, stubs = answers([first, last])

    for check in (middle, entire):
        assert [each and each.solution.rstrip() for _, each in check.candidates] == [
            f"{first.prompt}    y = 1\n    return y",
            f"{last.prompt}    return y",
        ]
    assert len(stubs.candidates) == 2
