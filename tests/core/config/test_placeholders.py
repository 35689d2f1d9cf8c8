"""Placeholders: a problem's own texts in a template."""

from __future__ import annotations

import pytest

from pytest_humaneval.core.config.placeholders import misfit, render, template_mistake
from pytest_humaneval.core.problem import Problem
from pytest_humaneval.core.prompt_ending import PromptTail
from tests.support.records_made import problem

GAP = Problem("Gap/0", "def f():\n    x = ", "f", "1\n", "", suffix="    return x\n")
BUGGY = Problem("Bug/0", "def f():\n", "f", "    return 1\n", "", buggy="    return 2\n")


@pytest.mark.parametrize(
    ("template", "row", "expected"),
    [
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
        ("{entry_point} {suffix}", "the placeholder {problem} occurs 0 times; write it exactly once"),
        ("{prefix}{prefix}", "the placeholder {prefix} occurs 2 times; write it exactly once"),
        ("{problem}{suffix}{suffix}", "the placeholder {suffix} occurs 2 times; write it exactly once"),
        ("{problem}{prefix}", "{problem} and {prefix} are the same text; keep one of them"),
    ],
)
def test_a_template_without_a_task_or_with_two_is_a_mistake(template: str, message: str) -> None:
    """The message says what to write."""
    assert (template_mistake(template) or "").startswith(message)


@pytest.mark.parametrize(
    "template", ["{problem}", "{buggy}", "{prefix}{suffix}", "{problem}{entry_point}{entry_point}"]
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
