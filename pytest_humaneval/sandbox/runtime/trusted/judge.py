"""Judge a candidate: run the problem's test on the trusted side, the candidate in another process."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ..isolation.rlimits import ResourceLimits
from ..isolation.settings import WorkerSettings
from ..protocol.codec import Unsendable
from .candidate_proxy import MAX_TEXT, CandidateProxy
from .candidate_run import JudgeResult, Program, ProgramRunner
from .check import CompiledTest, compiled_test
from .text import printable
from .watchdog import CandidateProcess

if TYPE_CHECKING:
    from .cases.case_judge import CaseJudge

UNTRUSTED = "checked in the candidate's own process, which could have forged it"


class Judge:
    """Judges one candidate after the other.

    Args:
        settings: the worker's, with the limits.
        start: starts a confined process within limits, after the one before has been ended.
        on_idle: called when a candidate waits without using a core, at most once for each.
    """

    def __init__(
        self,
        settings: WorkerSettings,
        start: Callable[[ResourceLimits], CandidateProcess],
        on_idle: Callable[[], None],
    ) -> None:
        self._settings = settings
        self._run = ProgramRunner(start)
        self._on_idle = on_idle

    def judge(self, request: dict[str, Any]) -> JudgeResult:
        """Return the verdict on one candidate.

        Args:
            request: the fields of ``Candidate``, with cases see ``CaseJudge``, with calls ``recorded_calls``,
                and "keeps_core": whether it keeps its core while it waits.
        """
        on_idle = None if request.get("keeps_core") else self._on_idle
        if request.get("calls"):
            # Imported late: most runs make no calls but the test's.
            from .calls.recorder import recorded_calls

            return recorded_calls(request, self._settings, self._run, on_idle)
        if request.get("cases"):
            return self._case_judge.judge(request, on_idle)
        try:
            check = compiled_test(request["prompt"], request["test"], request["entry_point"])
        except (SyntaxError, ValueError) as error:
            return JudgeResult("infra_error", f"the dataset's test cannot be compiled: {error}")
        program, limits = Program(request["solution"], request["entry_point"]), self._limits(request)
        try:
            return self._run(program, lambda proxy: _run_test(check, proxy), limits, on_idle)
        except _TestNeedsCandidate:
            test = request["test"]
            return self._run(program, lambda proxy: _run_test_inside(test, proxy), limits, on_idle)

    def _limits(self, request: dict[str, Any]) -> ResourceLimits:
        settings = self._settings
        is_given = settings.cases_timeout_s is not None
        timeout_s = settings.timeout_s if is_given else max(settings.timeout_s, request["least_timeout_s"])
        return ResourceLimits(timeout_s, settings.memory_mib)

    @cached_property
    def _case_judge(self) -> CaseJudge:
        # Imported late: HumanEval has no cases.
        from .cases.case_judge import CaseJudge

        return CaseJudge(self._settings, self._run)


class _TestNeedsCandidate(Exception):
    """The test cannot run on the trusted side.

    It passes arguments that are no plain data, or uses a name that only the candidate can define, as some of
    MBPP's do with its classes.
    """


def _run_test(check: CompiledTest, proxy: CandidateProxy) -> JudgeResult:
    result = JudgeResult("passed")
    try:
        check.run(proxy)
        proxy.await_loading()
        proxy.check_limits_once_more()
    # Whatever a test raises is a verdict, also a SystemExit.
    except BaseException as error:
        # Only before any result: later the cause may be an object of the candidate's that the test passes on,
        # and a candidate must not be able to choose where its test runs.
        if isinstance(error, Unsendable) and not proxy.results:
            raise _TestNeedsCandidate from error
        # Nothing that the candidate returns makes a name of the test's known or unknown.
        if type(error) is NameError and error not in proxy.raised:
            raise _TestNeedsCandidate from error
        result = _result_of_error(error, check, proxy)
    # Also where the test caught the exception.
    if proxy.ended:
        return JudgeResult(proxy.ended.outcome, proxy.ended.message)
    return result


def _run_test_inside(test: str, proxy: CandidateProxy) -> JudgeResult:
    """Run the test in the candidate's process, which can forge the verdict; the message says so."""
    failure = proxy.run_test_inside(test)
    if proxy.ended:
        return JudgeResult(proxy.ended.outcome, proxy.ended.message)
    if not failure:
        return JudgeResult("passed", UNTRUSTED)
    outcome = "wrong_answer" if failure.startswith("AssertionError") else "exception"
    return JudgeResult(outcome, f"{failure} ({UNTRUSTED})")


def _result_of_error(error: BaseException, check: CompiledTest, proxy: CandidateProxy) -> JudgeResult:
    """Return the result for an exception of the test.

    A test that fails before the candidate has answered anything is broken itself. Where the candidate has
    returned an object that is no plain data, the test may have failed only because it could not call that
    object's own methods. Then the outcome is ``not_plain_data``: no wrong answer, and no pass either, since
    such methods can return anything.
    """
    if error in proxy.raised:
        return JudgeResult("exception", proxy.raised[error])
    if not proxy.results and not proxy.raised:
        text = printable(f"{type(error).__name__}: {error}", MAX_TEXT)
        return JudgeResult("infra_error", f"the dataset's test cannot be run: {text}")
    if isinstance(error, AssertionError):
        # Imported late, for it imports ast: a worker starts sooner without.
        from .explanation import explain_failure

        is_undecided = any(opaque.decides for opaque in proxy.opaques)
        return JudgeResult(
            "not_plain_data" if is_undecided else "wrong_answer", explain_failure(error, check.test, proxy)
        )
    text = printable(f"{type(error).__name__}: {error}", MAX_TEXT)
    outcome = "not_plain_data" if proxy.opaques else "exception"
    return JudgeResult(outcome, f"{text} (in the test, on what the entry point returned)")
