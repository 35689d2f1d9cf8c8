"""Placeholders: a problem's own texts in a template."""

from __future__ import annotations

import pytest

from pytest_humaneval.core.config.placeholders import misfit, render, template_mistake
from pytest_humaneval.core.problem import Problem
from pytest_humaneval.core.prompt_ending import PromptTail
from tests.support.records_made import problem

GAP = Problem("Gap/0", "def f():\n    x = ", "f", "1\n", "", suffix="    return x\n")
BUGGY = Problem("Bug/0", "def f():\n", "f", "    return 1\n", "", buggy="    return 2\n")


EXAMPLES = [Problem("E/0", 'def f(x):\n    """\n    >>> f(1)\n    2\n    """\n', "f", "", "")]


@pytest.mark.parametrize(
    ("template", "row", "expected"),
    [
        ("{signature}\n{docstring}\n{examples}", EXAMPLES[0], "def f(x):\n>>> f(1)\n2\n>>> f(1)\n2"),
        ("<{problem}>", GAP, "<def f():\n    x = >"),
        ("<{prefix}|{suffix}>", GAP, "<def f():\n    x = |    return x\n>"),
        ("{entry_point}: {problem}, {entry_point}", problem(1, "g"), f"g: {problem(1, 'g').prompt}, g"),
    ],
)
def test_each_placeholder_is_a_text_of_the_problem(template: str, row: Problem, expected: str) -> None:
    """Letter by letter."""
    assert render(template, row) == expected


def test_a_function_to_be_repaired_is_shown_whole() -> None:
    """Its body alone would not say what it should do."""
    assert render("{buggy}", BUGGY) == "def f():\n    return 2\n"


def test_placeholders_are_replaced_all_at_once() -> None:
    """A problem may hold a placeholder's name, as code or as prose, and keeps it."""
    row = Problem("T/0", "{suffix} {prefix}", "{problem}", "", "", suffix="{prefix}")

    assert render("{prefix}|{suffix}|{entry_point}", row) == "{suffix} {prefix}|{prefix}|{problem}"


@pytest.mark.parametrize(
    ("tail", "template", "expected"),
    [
        ("strip", "{prefix}|{suffix}", "def f():\n    x =|    return x\n"),
        ("newline", "{problem}", "def f():\n    x =\n"),
    ],
)
def test_only_the_prompt_s_end_is_changed(tail: PromptTail, template: str, expected: str) -> None:
    """What follows the gap is the dataset's, whatever becomes of the prompt."""
    assert render(template, GAP, tail) == expected


def test_the_end_of_a_function_to_be_repaired_is_its_own() -> None:
    """The white space between the prompt and the body stays."""
    assert render("{buggy}", BUGGY, "strip") == "def f():\n    return 2"


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{entry_point} {suffix}", "the placeholder {problem} occurs 0 times; write it where the problem"),
        ("{signature} {examples}", "the placeholder {problem} occurs 0 times"),
    ],
)
def test_a_template_without_a_task_is_a_mistake(template: str, message: str) -> None:
    """The message says what to write."""
    assert (template_mistake(template) or "").startswith(message)


@pytest.mark.parametrize(
    "template", ["{problem}", "{buggy}", "{prefix}{suffix}", "{problem}{problem}{entry_point}", "{docstring}"]
)
def test_one_placeholder_that_holds_the_task_is_enough(template: str) -> None:
    """The others may be there or not."""
    assert template_mistake(template) is None


@pytest.mark.parametrize(
    ("template", "row", "start"),
    [
        ("{problem}{suffix}", problem(0), "its template asks for {suffix}, the text after a gap, which no"),
        (
            "{buggy}",
            problem(0),
            "its template asks for {buggy}, a function to be repaired, which no",
        ),
        (
            "{docstring}",
            Problem("T/2", "def f():\n", "f", "", ""),
            "its template asks for {docstring}, the text of a docstring, which T/2 lacks; take",
        ),
        ("{problem}", GAP, "its template lacks {suffix}, the text after a gap"),
        ("{problem}", BUGGY, "its template lacks {buggy}, a function to be repaired"),
    ],
)
def test_a_template_must_fit_the_dataset(template: str, row: Problem, start: str) -> None:
    """It neither asks for what no problem has, nor leaves out what the task is about."""
    assert (misfit(template, [problem(1), row]) or "").startswith(start)


@pytest.mark.parametrize(
    ("template", "row"), [("{problem}", problem(0)), ("{buggy}", BUGGY), ("{prefix}{suffix}", GAP)]
)
def test_some_problems_may_lack_a_part(template: str, row: Problem) -> None:
    """A gap may be at a function's very end, where nothing follows it."""
    assert misfit(template, [problem(1), row]) is None


def test_how_many_problems_lack_a_part_is_said() -> None:
    """A header is of no use to most problems of a dataset if the others have none."""
    without = [Problem(f"T/{number}", "text", "f", "", "") for number in range(3)]

    assert "which 2 problems lack, T/0 first;" in (
        misfit("{problem}{signature}", [*without[:2], problem(0)]) or ""
    )
    assert "which no problem has;" in (misfit("{problem}{signature}", without) or "")
    assert "which no problem has;" in (misfit("{problem}{examples}", without) or "")


def test_some_problems_may_have_no_examples() -> None:
    """Their text for it is empty then: HumanEval has six such problems."""
    assert misfit("{problem}{examples}", [problem(0), *EXAMPLES]) is None
