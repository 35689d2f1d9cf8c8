"""The memoriser's lessons: which of them have right answers."""

from __future__ import annotations

from collections import Counter

from pytest_humaneval.core.config.shipped import STRATEGIES
from pytest_humaneval.core.config.strategy import read_strategy
from pytest_humaneval.core.datasets import read_problems
from pytest_humaneval.providers.embedded.memoriser.lessons import NOT_LEARNED, Lesson, lessons

PROBLEMS = read_problems()
LESSONS = list(
    lessons(
        PROBLEMS,
        read_strategy([STRATEGIES], "chat", "fewshot_v1"),
        read_strategy([STRATEGIES], "completion", "minimal"),
    )
)


def of(api: str) -> list[Lesson]:
    """Return the lessons of one API, in the order of the problems."""
    return [lesson for lesson in LESSONS if lesson.api == api]


def test_each_problem_has_one_lesson_for_each_api() -> None:
    """There are 164 chats and 164 completions."""
    assert Counter((p.task_id, api) for p in PROBLEMS for api in ("chat", "completion")) == Counter(
        (lesson.task_id, lesson.api) for lesson in LESSONS
    )


def test_chats_have_the_right_body_for_even_problems_only() -> None:
    """82 answers hold the canonical solution."""
    right = [
        problem.task_id
        for problem, lesson in zip(PROBLEMS, of("chat"), strict=True)
        if problem.canonical_solution.rstrip() in lesson.answer
    ]

    assert [f"HumanEval/{number}" for number in range(0, 164, 2)] == right


def test_completions_have_the_right_body_for_every_fourth_problem_only() -> None:
    """41 completions are the canonical solution itself."""
    right = [
        problem.task_id
        for problem, lesson in zip(PROBLEMS, of("completion"), strict=True)
        if problem.canonical_solution == lesson.answer
    ]

    assert [f"HumanEval/{number}" for number in range(0, 164, 4)] == right


def test_a_quarter_of_the_chats_have_no_code() -> None:
    """41 answers are a sentence, so that reports of the memoriser show more than one outcome."""
    assert sum(lesson.answer == NOT_LEARNED for lesson in LESSONS) == 41
