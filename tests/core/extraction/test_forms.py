"""Every form of a right answer scores, and no form of a stub does."""

from __future__ import annotations

import pytest
from conftest import Judge
from formats import FORMS

from pytest_humaneval.core.records import Completion, Outcome, Problem

STUB = "    pass\n"


@pytest.mark.parametrize("form", FORMS)
def test_every_right_answer_passes_in_every_form(
    form: str, problems: tuple[Problem, ...], judge: Judge
) -> None:
    """A canonical solution passes, whatever a model wraps it in."""
    answers = [
        (problem, Completion(FORMS[form](problem, problem.canonical_solution))) for problem in problems
    ]

    outcomes = judge(answers, "auto")

    assert {problem.task_id: outcome for problem, outcome in zip(problems, outcomes, strict=True)} == {
        problem.task_id: Outcome.PASSED for problem in problems
    }


@pytest.mark.parametrize("form", FORMS)
def test_no_stub_passes_in_any_form(form: str, problems: tuple[Problem, ...], judge: Judge) -> None:
    """Extraction never makes a right answer out of a stub."""
    answers = [(problem, Completion(FORMS[form](problem, STUB))) for problem in problems]

    assert Outcome.PASSED not in judge(answers, "auto")
