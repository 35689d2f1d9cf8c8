"""Judge a candidate by the cases of its problem."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...isolation.rlimits import ResourceLimits
from ...isolation.settings import WorkerSettings
from ..candidate_proxy import CandidateProxy
from ..candidate_run import JudgeResult, Program, RunProgram
from .comparison import Comparison, NormalFormsMissing
from .expected import CaseInputs, Expected
from .references import ReferenceFailed, References
from .rules import RULES


class CaseJudge:
    """Judges one candidate after the other.

    Args:
        settings: the worker's, with the limits.
        run: runs a program in a confined process of its own.
    """

    def __init__(self, settings: WorkerSettings, run: RunProgram) -> None:
        self._settings, self._run = settings, run
        self._references = References(run)

    def judge(self, request: dict[str, Any], on_idle: Callable[[], None] | None) -> JudgeResult:
        """Return the verdict.

        Args:
            request: the fields of ``Candidate``, "cases" as ``CaseInputs``, and "references": the folder
                where the answers of references are kept.
            on_idle: see ``RunProgram``.
        """
        inputs, entry_point = CaseInputs(*request["cases"]), request["entry_point"]
        if inputs.rule not in RULES:
            return JudgeResult("infra_error", f"the dataset's rule of comparison is unknown: {inputs.rule!r}")
        try:
            expected = self._references.expected(inputs, entry_point, request["references"])
            try:
                return self._judged(request, expected, on_idle)
            except NormalFormsMissing:
                self._references.add_normal_forms(expected, entry_point)
                return self._judged(request, expected, on_idle)
        except ReferenceFailed as error:
            return JudgeResult("infra_error", str(error))

    def _judged(
        self, request: dict[str, Any], expected: Expected, on_idle: Callable[[], None] | None
    ) -> JudgeResult:
        comparison: Comparison | None = None

        def compare(proxy: CandidateProxy) -> JudgeResult:
            nonlocal comparison
            comparison = Comparison(proxy, expected)
            return comparison.result()

        timeout_s = self._settings.cases_timeout_s or expected.total_limit_s
        limits = ResourceLimits(timeout_s, self._settings.cases_memory_mib)
        result = self._run(Program(request["solution"], request["entry_point"]), compare, limits, on_idle)
        done = comparison.index if comparison else 0
        if result.outcome in ("timeout", "crashed", "memory") and done < len(expected.items):
            result = result._replace(
                message=f"{result.message}\n  at {expected.name(done)}, or soon after it"
            )
        return _with_base_outcome(result, expected, done)


def _with_base_outcome(result: JudgeResult, expected: Expected, done: int) -> JudgeResult:
    if not expected.inputs.plus:
        return result
    passed_base = result.outcome == "passed" or done >= expected.base_count
    return result._replace(base_outcome="passed" if passed_base else result.outcome)
