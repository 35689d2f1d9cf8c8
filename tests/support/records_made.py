"""Small records for tests: problems, judged samples, results and runs, with only the fields under test."""

from __future__ import annotations

from collections.abc import Iterable

from pytest_humaneval.core.config.experiment import Experiment
from pytest_humaneval.core.problem import Problem
from pytest_humaneval.core.records import AppliedStep, Outcome
from pytest_humaneval.core.results import ProblemResult, Sample
from pytest_humaneval.core.scoring.run import Run

REPAIR = AppliedStep("balance_brackets", "repair", "-f(\n+f()")
FORMAT = AppliedStep("last_code_block", "format", "-```x```\n+x")

_LETTERS = {"+": Outcome.PASSED, "r": Outcome.PASSED, "-": Outcome.WRONG_ANSWER, "?": Outcome.INFRA_ERROR}


def problem(number: int, entry_point: str = "f") -> Problem:
    """Return a problem called Test/number."""
    return Problem(
        f"Test/{number}",
        f'def {entry_point}():\n    """Return {number}."""\n',
        entry_point,
        f"    return {number}\n",
        f"def check(candidate):\n    assert candidate() == {number}\n",
    )


def result(number: int, letters: str, steps: tuple[AppliedStep, ...] = ()) -> ProblemResult:
    """Return the result of Test/number, with one sample per letter.

    ``+`` passed, ``r`` passed because of a repair, ``-`` wrong, ``?`` no verdict.
    """
    samples = tuple(
        Sample(index, _LETTERS[letter], steps=steps, repaired=letter == "r")
        for index, letter in enumerate(letters)
    )
    return ProblemResult(f"Test/{number}", "f", samples)


def run_of(results: Iterable[ProblemResult | str], name: str = "one", selected: int | None = None) -> Run:
    """Return a run of these results; a text has one letter per sample of the next problem."""
    made = tuple(
        result(number, given) if isinstance(given, str) else given for number, given in enumerate(results)
    )
    return Run(Experiment(name), made, len(made) if selected is None else selected)
