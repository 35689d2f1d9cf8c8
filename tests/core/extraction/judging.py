"""Judging many answers: extraction, then a real sandbox, each distinct program once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from pytest_humaneval.core.candidate import assemble
from pytest_humaneval.core.extraction import extract, resolve
from pytest_humaneval.core.ports import Sandbox
from pytest_humaneval.core.records import Completion, Outcome, Problem

Answer = tuple[Problem, Completion]
Judge = Callable[[Sequence[Answer], str], list[Outcome]]


@dataclass
class Judging:
    """Post-processes answers and runs the programs; remembers the verdict of each program."""

    sandbox: Sandbox
    threads: ThreadPoolExecutor
    known: dict[tuple[str, str], Outcome] = field(default_factory=dict)

    def __call__(self, answers: Sequence[Answer], postprocess: str) -> list[Outcome]:
        """Return the outcomes of answers under a post-processing, in order."""
        steps = resolve(postprocess)
        return list(self.threads.map(lambda answer: self._outcome(answer, steps), answers))

    def _outcome(self, answer: Answer, steps: Sequence[str]) -> Outcome:
        problem, completion = answer
        solution = extract(completion, problem.stub, steps).solution
        if solution is None:
            return Outcome.NO_CODE
        key = (problem.task_id, solution)
        if key not in self.known:
            self.known[key] = self.sandbox.run(assemble(problem, solution)).outcome
        return self.known[key]
