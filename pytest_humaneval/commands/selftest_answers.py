"""The answers of the self-test: what must pass and what must fail, for whatever a dataset asks.

a body         HumanEval: the canonical solution continues the prompt's function
a whole program  MBPP: the prompt is a sentence, and the canonical solution defines the entry point itself
a gap          infilling: the canonical solution stands between the prompt and what follows
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from pytest_humaneval.commands.answer_forms import FIFTEEN, AnswerForm, fence, whole
from pytest_humaneval.core.candidate import assemble
from pytest_humaneval.core.extraction import extract, resolve
from pytest_humaneval.core.extraction.definition import defines
from pytest_humaneval.core.problem import Problem
from pytest_humaneval.core.records import Candidate, Completion, Outcome

_STEPS = resolve("auto")
_PASSED = frozenset({Outcome.PASSED})
_FAILED = frozenset(Outcome) - {Outcome.PASSED, Outcome.INFRA_ERROR}

# The forms that need no signature of the prompt, to stand under it or to be written without it.
_OF_PROGRAMS = (
    *("fenced full function", "prose, fence, prose", "full function, no fence", "usage inside the fence"),
    *("second fence with usage", "reasoning with a draft", "unclosed fence", "label py"),
)
_OF_GAPS: Mapping[str, AnswerForm] = {
    "the gap alone": lambda _, middle: middle,
    "the whole function in a fence": lambda problem, middle: fence(whole(problem, middle) + problem.suffix),
}


@dataclass(frozen=True)
class SelftestCase:
    """One check of the self-test.

    Attributes:
        name: what is checked.
        candidates: names and programs; None is an answer in which no code was found.
        expected: the outcomes that are right for each of them.
    """

    name: str
    candidates: Sequence[tuple[str, Candidate | None]]
    expected: frozenset[Outcome]


def answers(problems: Sequence[Problem]) -> list[SelftestCase]:
    """Return the checks that canonical solutions pass in every form, and that wrong answers do not."""
    # The last gaps of a function have nothing after them, and are gaps all the same.
    gaps = problems if any(problem.suffix for problem in problems) else ()
    rest = [] if gaps else problems
    bodies = [problem for problem in rest if _is_body(problem)]
    others = [problem for problem in rest if not _is_body(problem)]
    programs = [replace(each, prompt="", canonical_solution=whole_program(each)) for each in others]
    return [
        *(_form(name, form, bodies, bodies) for name, form in FIFTEEN.items() if bodies),
        *(_form(name, FIFTEEN[name], others, programs) for name in _OF_PROGRAMS if others),
        *(_form(name, form, gaps, gaps) for name, form in _OF_GAPS.items() if gaps),
        *_checked("stubs that return None do not pass", [(each, _stub(each)) for each in problems], _FAILED),
        *_checked(
            "the solutions that are to be repaired do not pass",
            [(each, _under_prompt(each, each.buggy)) for each in problems if each.buggy],
            _FAILED,
        ),
    ]


def candidate(problem: Problem, solution: str | None) -> Candidate | None:
    """Return the program to be judged; None where no code was found."""
    return None if solution is None else assemble(problem, solution)


def _checked(
    name: str, solutions: Sequence[tuple[Problem, str]], expected: frozenset[Outcome]
) -> list[SelftestCase]:
    """Return the check of these whole programs, if there are any."""
    made = [(problem.task_id, candidate(problem, solution)) for problem, solution in solutions]
    return [SelftestCase(name, made, expected)] if made else []


def _form(
    name: str, form: AnswerForm, problems: Sequence[Problem], written: Sequence[Problem]
) -> SelftestCase:
    """Return the check of the canonical solutions in a form; ``written`` has them as the form takes them."""
    texts = [form(each, each.canonical_solution) for each in written]
    made = [
        (each.task_id, candidate(each, extract(Completion(text), each.stub, _STEPS).solution))
        for each, text in zip(problems, texts, strict=True)
    ]
    return SelftestCase(f"canonical solutions, {name}", made, _PASSED)


def _is_body(problem: Problem) -> bool:
    is_program = defines(problem.canonical_solution, problem.entry_point)
    has_signature = f"def {problem.entry_point}(" in problem.prompt
    return has_signature and not is_program


def whole_program(problem: Problem) -> str:
    """Return the canonical solution as a whole program."""
    return _under_prompt(problem, problem.canonical_solution)


def _under_prompt(problem: Problem, solution: str) -> str:
    """Return the whole program of a solution: it is one, or continues the prompt, or fills the gap."""
    if not problem.suffix and defines(solution, problem.entry_point):
        return solution
    return problem.prompt + solution + problem.suffix


def _stub(problem: Problem) -> str:
    if not problem.suffix and _is_body(problem):
        return f"{problem.prompt}    return None\n"
    return f"def {problem.entry_point}(*args, **kwargs):\n    return None\n"
