"""Judge a candidate: run the problem's test on the trusted side, the candidate in another process."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from ..isolation.settings import WorkerSettings
from ..protocol.codec import Unsendable
from .candidate_proxy import MAX_TEXT, CandidateProxy
from .check import CompiledTest, compiled_test
from .failure_details import failure_details
from .text import printable
from .watchdog import CandidateProcess, Watchdog

# Outcomes after which the candidate's process still answers.
_RESPONSIVE = ("wrong_answer", "not_plain_data", "exception", "syntax_error")
UNTRUSTED = "checked in the candidate's own process, which could have forged it"


class JudgeResult(NamedTuple):
    """A verdict on its way to the host process; fields as in ``Verdict``.

    Attributes:
        doubtful: the candidate has to be judged again: alone after a timeout that a busy machine may have
            caused; keeping its core if it had only a share of the memory, because it waited.
        failing_line, output: see ``Verdict``; the candidate can forge them.
    """

    outcome: str
    message: str | None = None
    seconds: float = 0.0
    doubtful: bool = False
    failing_line: int | None = None
    output: str = ""


class Judge:
    """Judges one candidate after the other.

    Args:
        settings: the worker's, with the limits.
        start: starts a confined process, after the one before has been ended.
        on_idle: called when a candidate waits without using a core, at most once for each.
    """

    def __init__(
        self, settings: WorkerSettings, start: Callable[[], CandidateProcess], on_idle: Callable[[], None]
    ) -> None:
        self._settings = settings
        self._start = start
        self._on_idle = on_idle

    def judge(self, request: dict[str, Any]) -> JudgeResult:
        """Return the verdict on one candidate.

        Args:
            request: the fields of ``Candidate``, and "keeps_core": whether it keeps its core while it waits.
        """
        try:
            check = compiled_test(request["prompt"], request["test"], request["entry_point"])
        except (SyntaxError, ValueError) as error:
            return JudgeResult("infra_error", f"the dataset's test cannot be compiled: {error}")
        try:
            return self._run(request, lambda proxy: _run_test(check, proxy))
        except _TestPassesObjects:
            return self._run(request, lambda proxy: _run_test_inside(request, proxy))

    def _run(self, request: dict[str, Any], run_test: Callable[[CandidateProxy], JudgeResult]) -> JudgeResult:
        process = self._start()
        on_idle = None if request.get("keeps_core") else self._on_idle
        watchdog = Watchdog(process, self._settings.timeout_s, self._settings.memory_mib, on_idle)
        proxy = CandidateProxy(process.channel, watchdog)
        try:
            proxy.load(request["solution"], request["entry_point"])
            result = run_test(proxy)
            doubtful = watchdog.is_doubtful(result.outcome)
            if result.outcome in _RESPONSIVE:
                line, output = failure_details(process.channel, request["solution"])
                result = result._replace(failing_line=line, output=output)
        finally:
            ended, cpu_s = process.end()
        # Empty: the process ended by itself, and its exit status is known only now.
        if result.outcome:
            return result._replace(seconds=cpu_s, doubtful=doubtful)
        return JudgeResult("timeout" if "SIGXCPU" in ended else "crashed", ended, cpu_s)


class _TestPassesObjects(Exception):
    """The test passes arguments that are no plain data, so it cannot run on the trusted side."""


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
            raise _TestPassesObjects from error
        result = _result_of_error(error, check, proxy)
    # Also where the test caught the exception.
    if proxy.ended:
        return JudgeResult(proxy.ended.outcome, proxy.ended.message)
    return result


def _run_test_inside(request: dict[str, Any], proxy: CandidateProxy) -> JudgeResult:
    """Run the test in the candidate's process, which can forge the verdict; the message says so."""
    failure = proxy.run_test_inside(request["test"])
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
