"""What the tests of extraction share: the problems, and judging many answers at once in a real sandbox."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from pytest_humaneval.core.candidate import assemble
from pytest_humaneval.core.dataset import read_problems
from pytest_humaneval.core.extraction import extract, resolve
from pytest_humaneval.core.records import Completion, Limits, Outcome, Problem
from pytest_humaneval.sandbox import open_sandbox

sys.path.insert(0, str(Path(__file__).parent))

Answer = tuple[Problem, Completion]
Judge = Callable[[Sequence[Answer], str], list[Outcome]]


@pytest.fixture(scope="session")
def problems() -> tuple[Problem, ...]:
    """The 164 problems of HumanEval."""
    return read_problems()


@pytest.fixture(scope="session")
def judge() -> Iterator[Judge]:
    """Extract answers with a post-processing and run each program in a real sandbox."""
    jobs = min(4, os.cpu_count() or 1)
    sandbox = open_sandbox(Limits(), jobs)
    threads = ThreadPoolExecutor(jobs)

    def judge_answers(answers: Sequence[Answer], postprocess: str) -> list[Outcome]:
        steps = resolve(postprocess)

        def outcome(answer: Answer) -> Outcome:
            problem, completion = answer
            solution = extract(completion, problem.stub, steps).solution
            if solution is None:
                return Outcome.NO_CODE
            return sandbox.run(assemble(problem, solution)).outcome

        return list(threads.map(outcome, answers))

    yield judge_answers
    threads.shutdown(cancel_futures=True)
    sandbox.close()
