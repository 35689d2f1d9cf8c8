"""The verdict: runs a problem's check on the trusted side, against a candidate in another process."""

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

_RESPONSIVE = ("wrong_answer", "not_plain_data", "exception", "syntax_error")
UNTRUSTED = "checked in the candidate's own process, which could have forged it"


class JudgeResult(NamedTuple):
    """A verdict on its way to the host process; fields as in ``Verdict``.

    Attributes:
        doubtful: the candidate has to be judged again: by itself after a timeout, which a busy machine may
            have caused; keeping its core where it had just a share of the memory, since it waited.
        failing_line, output: see ``Verdict``; the candidate's own word.
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
        settings: the limits.
        start: gives a confined process; the one before has been ended.
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
            request: the fields of ``Candidate``, and whether it keeps its core while it waits.
        """
        try:
            check = compiled_test(request["prompt"], request["test"], request["entry_point"])
        except (SyntaxError, ValueError) as error:
            return JudgeResult("infra_error", f"the dataset's test cannot be compiled: {error}")
        try:
            return self._run(request, lambda proxy: _run_test(check, proxy))
        except _TestPassesObjects:
            return self._run(request, lambda proxy: _run_test_inside(request, proxy))

    def _run(self, request: dict[str, Any], rule: Callable[[CandidateProxy], JudgeResult]) -> JudgeResult:
        process = self._start()
        on_idle = None if request.get("keeps_core") else self._on_idle
        watchdog = Watchdog(process, self._settings.timeout_s, self._settings.memory_mib, on_idle)
        proxy = CandidateProxy(process.channel, watchdog)
        try:
            proxy.load(request["solution"], request["entry_point"])
            result = rule(proxy)
            doubtful = watchdog.is_doubtful(result.outcome)
            if result.outcome in _RESPONSIVE:
                line, output = failure_details(process.channel, request["solution"])
                result = result._replace(failing_line=line, output=output)
        finally:
            ended, cpu_s = process.end()
        if result.outcome:
            return result._replace(seconds=cpu_s, doubtful=doubtful)
        return JudgeResult("timeout" if "SIGXCPU" in ended else "crashed", ended, cpu_s)


class _TestPassesObjects(Exception):
    """The test passes what is no plain data."""


def _run_test(check: CompiledTest, proxy: CandidateProxy) -> JudgeResult:
    result = JudgeResult("passed")
    try:
        check.run(proxy)
        proxy.await_loading()
        proxy.check_limits_once_more()
    except BaseException as error:  # whatever a test raises is a verdict
        if (
            isinstance(error, Unsendable) and not proxy.results
        ):  # else the candidate may have brought it about
            raise _TestPassesObjects from error
        result = _result_of_error(error, check, proxy)
    if proxy.ended:  # decides even where the test caught it
        return JudgeResult(proxy.ended.outcome, proxy.ended.message)
    return result


def _run_test_inside(request: dict[str, Any], proxy: CandidateProxy) -> JudgeResult:
    """Have the check run beside the candidate, where nothing it says can be believed; the message tells."""
    failure = proxy.run_test_inside(request["test"])
    if proxy.ended:
        return JudgeResult(proxy.ended.outcome, proxy.ended.message)
    if not failure:
        return JudgeResult("passed", UNTRUSTED)
    outcome = "wrong_answer" if failure.startswith("AssertionError") else "exception"
    return JudgeResult(outcome, f"{failure} ({UNTRUSTED})")


def _result_of_error(error: BaseException, check: CompiledTest, proxy: CandidateProxy) -> JudgeResult:
    """Return how a test failed.

    One that fails before the candidate has answered anything fails by itself. Where an object was returned
    whose own methods the test would have asked, and that is no plain data, the failure may be nothing but
    that: it is no pass, for such methods can say anything, and no wrong answer.
    """
    if error in proxy.raised:
        return JudgeResult("exception", proxy.raised[error])
    if not proxy.results and not proxy.raised:
        text = printable(f"{type(error).__name__}: {error}", MAX_TEXT)
        return JudgeResult("infra_error", f"the dataset's test cannot be run: {text}")
    if isinstance(error, AssertionError):
        from .explanation import explain_failure  # a worker is up sooner without

        is_undecided = any(opaque.decides for opaque in proxy.opaques)
        return JudgeResult(
            "not_plain_data" if is_undecided else "wrong_answer", explain_failure(error, check.test, proxy)
        )
    text = printable(f"{type(error).__name__}: {error}", MAX_TEXT)
    outcome = "not_plain_data" if proxy.opaques else "exception"
    return JudgeResult(outcome, f"{text} (in the test, on what the entry point returned)")
