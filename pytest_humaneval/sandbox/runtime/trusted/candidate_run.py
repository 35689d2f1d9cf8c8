"""Run a program in a confined process, and return what a test says of it, or how the process ended."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from ..isolation.rlimits import ResourceLimits
from .candidate_proxy import CandidateEnded, CandidateProxy
from .failure_details import failure_details
from .watchdog import CandidateProcess, Watchdog

# Outcomes after which the candidate's process still answers.
_RESPONSIVE = ("wrong_answer", "not_plain_data", "exception", "syntax_error")


class JudgeResult(NamedTuple):
    """A verdict on its way to the host process; fields as in ``Verdict``.

    Attributes:
        doubtful: the candidate has to be judged again: alone after a timeout that a busy machine may have
            caused; keeping its core if it had only a share of the memory, because it waited.
        calls: of ``calls.recorder``; only where calls were asked for.
        tampered: see ``Verdict``.
        failing_line, output: see ``Verdict``; the candidate can forge them.
    """

    outcome: str
    message: str | None = None
    seconds: float = 0.0
    doubtful: bool = False
    failing_line: int | None = None
    output: str = ""
    base_outcome: str | None = None
    calls: tuple[tuple[str, str, bool | None], ...] = ()
    tampered: bool = False


class Program(NamedTuple):
    """The source of a module, and the name of the function in it that is called."""

    source: str
    entry_point: str


RunTest = Callable[[CandidateProxy], JudgeResult]
OnIdle = Callable[[], None] | None
RunProgram = Callable[[Program, RunTest, ResourceLimits, OnIdle], JudgeResult]


class ProgramRunner:
    """Runs one program after the other; it is a ``RunProgram``.

    Args:
        start: starts a confined process within limits, after the one before has been ended.
    """

    def __init__(self, start: Callable[[ResourceLimits], CandidateProcess]) -> None:
        self._start = start

    def __call__(
        self, program: Program, run_test: RunTest, limits: ResourceLimits, on_idle: OnIdle
    ) -> JudgeResult:
        """Return what the test returns, completed, or how the process ended.

        Args:
            program: to be loaded in the process.
            run_test: calls its function; whatever it raises but ``CandidateEnded`` is passed on.
            limits: for the process and its descendants together.
            on_idle: called once if the program waits without using its core; None if it keeps its core.
        """
        process = self._start(limits)
        watchdog = Watchdog(process, limits.timeout_s, limits.memory_mib, on_idle)
        proxy = CandidateProxy(process.channel, watchdog)
        try:
            proxy.load(program.source, program.entry_point)
            result = _result(run_test, proxy)
            doubtful = watchdog.is_doubtful(result.outcome)
            if result.outcome in _RESPONSIVE:
                line, output = failure_details(process.channel, program.source)
                result = result._replace(failing_line=line, output=output)
        finally:
            ended, cpu_s = process.end()
        # Empty: the process ended by itself, and its exit status is known only now.
        if result.outcome:
            return result._replace(seconds=cpu_s, doubtful=doubtful)
        return JudgeResult("timeout" if "SIGXCPU" in ended else "crashed", ended, cpu_s)


def _result(run_test: RunTest, proxy: CandidateProxy) -> JudgeResult:
    try:
        return run_test(proxy)
    except CandidateEnded as end:
        return JudgeResult(end.outcome, end.message)
