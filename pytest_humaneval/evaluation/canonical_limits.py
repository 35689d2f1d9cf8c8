"""``--humaneval-timeout=auto``: each problem's time limit, from the time that its own solution takes here.

    limit = factor x CPU seconds of the canonical solution, from ``timeout_s`` to ``LONGEST_LIMIT_S``

A run's time is that of the candidates which never end, and nearly all of HumanEval's solutions take a few
milliseconds. A problem that is judged by cases has such limits anyway, each from its reference's time.
"""

from __future__ import annotations

import threading
from collections.abc import Hashable
from concurrent.futures import Future
from math import ceil
from typing import Final

from pytest_humaneval.core.candidate import assemble
from pytest_humaneval.core.errors import SandboxError
from pytest_humaneval.core.extraction import extract
from pytest_humaneval.core.ports import Sandbox
from pytest_humaneval.core.problem import Problem
from pytest_humaneval.core.records import Completion, Limits, Outcome

LONGEST_LIMIT_S: Final = 60.0
"""The greatest limit, in CPU seconds: that of a problem that is judged by cases, too."""


class CanonicalLimits:
    """The time limits of problems; a canonical solution is run when its problem's is first asked for."""

    def __init__(self, limits: Limits) -> None:
        """Work limits out where ``limits`` has a ``canonical_factor``."""
        self._limits = limits
        self._lock = threading.Lock()
        self._found: dict[Hashable, Future[float]] = {}

    def of(self, problem: Problem, sandbox: Sandbox) -> float | None:
        """Return a problem's limit in CPU seconds; None where it is the usual one. Thread-safe, blocking."""
        factor = self._limits.canonical_factor
        if factor is None or problem.cases is not None:
            return None
        with self._lock:
            is_first = problem not in self._found
            found = self._found.setdefault(problem, Future())
        if is_first:
            # Others wait for it: it is settled whatever happens.
            try:
                found.set_result(self._worked_out(problem, sandbox, factor))
            except BaseException as error:
                found.set_exception(error)
                raise
        return found.result()

    def _worked_out(self, problem: Problem, sandbox: Sandbox, factor: float) -> float:
        usual_s = max(Limits.timeout_s, problem.least_timeout_s)
        solution = extract(
            Completion(problem.canonical_solution, form="completion"), problem.stub, ()
        ).solution
        if solution is None:
            return usual_s
        try:
            verdict = sandbox.run(assemble(problem.limited(LONGEST_LIMIT_S), solution))
        # Each candidate's verdict will say what is wrong with the sandbox.
        except SandboxError:
            return usual_s
        if verdict.outcome is not Outcome.PASSED:
            return usual_s
        limit_s = ceil(10 * factor * verdict.seconds) / 10
        return min(max(limit_s, self._limits.timeout_s), LONGEST_LIMIT_S)


def with_limit(message: str | None, limit_s: float) -> str:
    """Return a timeout's message with the limit that applied."""
    return f"{message or 'no answer'} (limit {limit_s:g} s, by the canonical solution's time)"
