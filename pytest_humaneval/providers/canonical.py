"""A provider whose completions are the dataset's own solutions: no model, and every problem must pass."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable, Sequence

from pytest_humaneval.core.problem import Problem
from pytest_humaneval.core.records import Completion, Draw, NoCompletion, SettledDraw


class CanonicalProvider:
    """Answers each draw with its problem's canonical solution: it continues the prompt, or fills the gap."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        """Answer draws of ``problems``."""
        self._solutions = {problem.task_id: problem.canonical_solution for problem in problems}

    async def complete(self, draws: Sequence[Draw]) -> AsyncGenerator[SettledDraw, None]:
        """Yield every draw once, in the given order."""
        for draw in draws:
            solution = self._solutions.get(draw.task_id)
            if solution is None:
                yield draw, NoCompletion(f"the dataset has no problem {draw.task_id}")
            else:
                yield draw, Completion(solution, finish_reason="stop", form="completion")
