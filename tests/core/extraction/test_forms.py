"""A right answer passes in every form, and a stub in none."""

from __future__ import annotations

import pytest

from pytest_humaneval.commands.answer_forms import FIFTEEN
from pytest_humaneval.core.problem import Problem
from pytest_humaneval.core.records import Completion, Outcome
from tests.support.extraction.code_forms import CODE
from tests.support.extraction.judging import Judge
from tests.support.extraction.marked_forms import MARKED

FORMS = {**FIFTEEN, **MARKED, **CODE}
STUB = "    pass\n"


@pytest.mark.parametrize("name", FORMS)
def test_every_right_answer_passes_in_every_form(
    name: str, problems: tuple[Problem, ...], judge: Judge
) -> None:
    """A canonical solution passes, whatever surrounds it."""
    answers = [
        (problem, Completion(FORMS[name](problem, problem.canonical_solution))) for problem in problems
    ]

    outcomes = judge(answers, "auto")

    pairs = zip(problems, outcomes, strict=True)
    lost = {problem.task_id: outcome for problem, outcome in pairs if outcome != Outcome.PASSED}
    assert not lost


@pytest.mark.parametrize("name", FORMS)
def test_no_stub_passes_in_any_form(name: str, problems: tuple[Problem, ...], judge: Judge) -> None:
    """Extraction never makes a right answer out of a stub."""
    answers = [(problem, Completion(FORMS[name](problem, STUB))) for problem in problems]

    assert Outcome.PASSED not in judge(answers, "auto")
