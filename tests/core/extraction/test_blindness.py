"""A format step cannot know the problem: other names, same solution under those names."""

from __future__ import annotations

import pytest

from pytest_humaneval.commands.answer_forms import FIFTEEN
from pytest_humaneval.core.extraction import STEPS, extract, resolve
from pytest_humaneval.core.extraction.blindness import renaming
from pytest_humaneval.core.problem import Problem, Stub
from pytest_humaneval.core.records import Completion
from tests.support.extraction.code_forms import CODE
from tests.support.extraction.marked_forms import MARKED

FORMS = {**FIFTEEN, **MARKED, **CODE}
FORMAT_STEPS = [name for name, step in STEPS.items() if step.kind == "format"]


@pytest.mark.parametrize("name", FORMS)
def test_other_names_give_the_same_solution_under_those_names(
    name: str, problems: tuple[Problem, ...]
) -> None:
    """Renaming every identifier in prompt and answer renames the solution and changes nothing else."""
    for problem in problems[::4]:
        renamed = renaming(problem)
        answer = FORMS[name](problem, problem.canonical_solution)
        stub = Stub(renamed(problem.prompt), renamed(problem.entry_point))

        expected = renamed(extract(Completion(answer), problem.stub, resolve("auto")).solution or "")

        assert stub != problem.stub
        assert expected == extract(Completion(renamed(answer)), stub, resolve("auto")).solution


@pytest.mark.parametrize("name", FORMAT_STEPS)
def test_every_format_step_is_blind(name: str, problems: tuple[Problem, ...]) -> None:
    """The same for each step on its own, on every form."""
    for problem, form in zip(problems, [*FORMS.values()] * 2, strict=False):
        renamed = renaming(problem)
        answer = form(problem, problem.canonical_solution)
        stub = Stub(renamed(problem.prompt), renamed(problem.entry_point))

        expected = renamed(STEPS[name].apply(answer, problem.stub))

        assert expected == STEPS[name].apply(renamed(answer), stub)
