"""Small records for tests: problems, judged samples, results and runs, with only the fields under test."""

from __future__ import annotations

import marshal
from collections.abc import Iterable
from dataclasses import replace

from pytest_humaneval.core.config.experiment import Experiment
from pytest_humaneval.core.problem import Cases, Problem
from pytest_humaneval.core.records import AppliedStep, Outcome, Sampling
from pytest_humaneval.core.results import ProblemResult, Sample
from pytest_humaneval.core.scoring.run import Run
from pytest_humaneval.core.selection.choosing import Attempt, choose

REPAIR = AppliedStep("balance_brackets", "repair", "-f(\n+f()")
FORMAT = AppliedStep("last_code_block", "format", "-```x```\n+x")

_LETTERS = {
    "+": Outcome.PASSED,
    "b": Outcome.WRONG_ANSWER,
    "r": Outcome.PASSED,
    "-": Outcome.WRONG_ANSWER,
    "?": Outcome.INFRA_ERROR,
}


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

    ``+`` passed, ``r`` passed because of a repair, ``-`` wrong, ``?`` no verdict, ``b`` wrong by a plus test
    and right by the base tests.
    """
    samples = tuple(
        Sample(
            index,
            _LETTERS[letter],
            steps=steps,
            repaired=letter == "r",
            base_outcome=Outcome.PASSED if letter == "b" else None,
        )
        for index, letter in enumerate(letters)
    )
    return ProblemResult(f"Test/{number}", "f", samples)


def run_of(results: Iterable[ProblemResult | str], name: str = "one", selected: int | None = None) -> Run:
    """Return a run of these results; a text has one letter per sample of the next problem."""
    made = tuple(
        result(number, given) if isinstance(given, str) else given for number, given in enumerate(results)
    )
    return Run(Experiment(name), made, len(made) if selected is None else selected)


def tried(number: int, samples: str, ways: tuple[str, ...] = ("examples",)) -> ProblemResult:
    """Return the result of Test/number, whose samples were tried on three examples, and one chosen from.

    Each sample is a letter of :func:`result`, how many examples it passes, and a letter for its behaviour:
    ``+3a -1b`` are two. One that stands alone is not chosen from.
    """
    made = tuple(
        Sample(
            index,
            _LETTERS[letter],
            solution=f"def f():\n    return {index}\n",
            base_outcome=Outcome.PASSED if letter == "b" else None,
            examples=3,
            examples_passed=int(passed),
            failed_example=None if passed == "3" else f"f({passed}) should be 1, but it gave 2",
            behaviour=(alike,),
            prompt_tokens=10,
            completion_tokens=5,
        )
        for index, (letter, passed, alike) in enumerate(map(tuple, samples.split()))
    )
    selected = choose([Attempt.of(sample) for sample in made], ways) if len(made) > 1 else None
    return ProblemResult(f"Test/{number}", "f", made, selected=selected)


def selecting_run(problems: Iterable[str], name: str = "one", ways: tuple[str, ...] = ("examples",)) -> Run:
    """Return a run that chooses among the samples of its problems; see :func:`tried` for the texts."""
    results = tuple(tried(number, samples, ways) for number, samples in enumerate(problems))
    n = max(len(result.samples) for result in results)
    return Run(Experiment(name, n=n, select=ways, sampling=Sampling(0.8)), results, len(results))


def plus_run(results: Iterable[ProblemResult | str], name: str = "one") -> Run:
    """Return a run on HumanEval+, whose problems have base tests and further ones."""
    made = run_of(results, name)
    judged = tuple(replace(each, samples=tuple(map(_with_base, each.samples))) for each in made.results)
    return replace(made, results=judged, dataset="humaneval+", has_base_tests=True)


def _with_base(sample: Sample) -> Sample:
    is_lost = sample.outcome is Outcome.INFRA_ERROR
    return replace(sample, base_outcome=sample.base_outcome or (None if is_lost else sample.outcome))


def plus_problem(number: int, base: int = 2, plus: int = 3) -> Problem:
    """Return Test/number with so many base and plus inputs instead of a test."""
    own, further = (marshal.dumps([[each] for each in range(count)], 2) for count in (base, plus))
    plain = problem(number)
    cases = Cases(plain.prompt + plain.canonical_solution, own, further, atol=1e-6)
    return replace(plain, test="", cases=cases)
