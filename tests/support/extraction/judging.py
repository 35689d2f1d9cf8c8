"""Judge many answers: extract, then run each distinct program once in a real sandbox."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from pytest_humaneval.core.candidate import assemble
from pytest_humaneval.core.extraction import extract, resolve
from pytest_humaneval.core.parsing import syntax_tree
from pytest_humaneval.core.ports import Sandbox
from pytest_humaneval.core.problem import Problem
from pytest_humaneval.core.records import Completion, Outcome

Answer = tuple[Problem, Completion]
Judge = Callable[[Sequence[Answer], str], list[Outcome]]


def tree_of(solution: str) -> str:
    """Return a program's tree as text: the same for programs that differ in their layout only."""
    try:
        return ast.dump(syntax_tree(solution))
    except (SyntaxError, ValueError):
        return solution


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
        key = (problem.task_id, tree_of(solution))
        if key in self.known:
            return self.known[key]
        outcome = self.sandbox.run(assemble(problem, solution)).outcome
        # Timeouts and infra errors may come from a busy machine, so these are not remembered.
        if outcome not in (Outcome.TIMEOUT, Outcome.INFRA_ERROR):
            self.known[key] = outcome
        return outcome
