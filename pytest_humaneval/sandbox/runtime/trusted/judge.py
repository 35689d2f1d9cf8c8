"""The verdict: runs a problem's check on the trusted side, against a candidate in another process."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from ..isolation.settings import WorkerSettings
from ..protocol.codec import Unsendable
from .candidate_proxy import MAX_TEXT, CandidateProxy
from .check import CompiledTest, check_of
from .failure_details import told
from .text import visible
from .watchdog import Process, Watch

_RESPONSIVE = ("wrong_answer", "not_plain_data", "exception", "syntax_error")
UNTRUSTED = "checked in the candidate's own process, which could have forged it"


class Ruling(NamedTuple):
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
        self, settings: WorkerSettings, start: Callable[[], Process], on_idle: Callable[[], None]
    ) -> None:
        self._settings = settings
        self._start = start
        self._on_idle = on_idle

    def judge(self, request: dict[str, Any]) -> Ruling:
        """Return the verdict on one candidate.

        Args:
            request: the fields of ``Candidate``, and whether it keeps its core while it waits.
        """
        try:
            check = check_of(request["prompt"], request["test"], request["entry_point"])
        except (SyntaxError, ValueError) as error:
            return Ruling("infra_error", f"the dataset's test cannot be compiled: {error}")
        try:
            return self._run(request, lambda proxy: _checked(check, proxy))
        except _NeedsObjects:
            return self._run(request, lambda proxy: _checked_inside(request, proxy))

    def _run(self, request: dict[str, Any], rule: Callable[[CandidateProxy], Ruling]) -> Ruling:
        process = self._start()
        on_idle = None if request.get("keeps_core") else self._on_idle
        watch = Watch(process, self._settings.timeout_s, self._settings.memory_mib, on_idle)
        proxy = CandidateProxy(process.channel, watch)
        try:
            proxy.load(request["solution"], request["entry_point"])
            ruling = rule(proxy)
            doubtful = watch.is_doubtful(ruling.outcome)
            if ruling.outcome in _RESPONSIVE:
                line, output = told(process.channel, request["solution"])
                ruling = ruling._replace(failing_line=line, output=output)
        finally:
            ended, cpu_s = process.end()
        if ruling.outcome:
            return ruling._replace(seconds=cpu_s, doubtful=doubtful)
        return Ruling("timeout" if "SIGXCPU" in ended else "crashed", ended, cpu_s)


class _NeedsObjects(Exception):
    """The test passes what is no plain data."""


def _checked(check: CompiledTest, proxy: CandidateProxy) -> Ruling:
    ruling = Ruling("passed")
    try:
        check.run(proxy)
        proxy.await_loading()
        proxy.settle()
    except BaseException as error:  # whatever a test raises is a verdict
        if (
            isinstance(error, Unsendable) and not proxy.results
        ):  # else the candidate may have brought it about
            raise _NeedsObjects from error
        ruling = _of_error(error, check, proxy)
    if proxy.ended:  # decides even where the test caught it
        return Ruling(proxy.ended.outcome, proxy.ended.message)
    return ruling


def _checked_inside(request: dict[str, Any], proxy: CandidateProxy) -> Ruling:
    """Have the check run beside the candidate, where nothing it says can be believed; the message tells."""
    failure = proxy.check_inside(request["test"])
    if proxy.ended:
        return Ruling(proxy.ended.outcome, proxy.ended.message)
    if not failure:
        return Ruling("passed", UNTRUSTED)
    outcome = "wrong_answer" if failure.startswith("AssertionError") else "exception"
    return Ruling(outcome, f"{failure} ({UNTRUSTED})")


def _of_error(error: BaseException, check: CompiledTest, proxy: CandidateProxy) -> Ruling:
    """Return how a test failed.

    One that fails before the candidate has answered anything fails by itself. Where an object was returned
    whose own methods the test would have asked, and that is no plain data, the failure may be nothing but
    that: it is no pass, for such methods can say anything, and no wrong answer.
    """
    if error in proxy.raised:
        return Ruling("exception", proxy.raised[error])
    if not proxy.results and not proxy.raised:
        text = visible(f"{type(error).__name__}: {error}", MAX_TEXT)
        return Ruling("infra_error", f"the dataset's test cannot be run: {text}")
    if isinstance(error, AssertionError):
        from .explanation import explained  # a worker is up sooner without

        is_undecided = any(opaque.decides for opaque in proxy.opaques)
        return Ruling(
            "not_plain_data" if is_undecided else "wrong_answer", explained(error, check.test, proxy)
        )
    text = visible(f"{type(error).__name__}: {error}", MAX_TEXT)
    outcome = "not_plain_data" if proxy.opaques else "exception"
    return Ruling(outcome, f"{text} (in the test, on what the entry point returned)")
