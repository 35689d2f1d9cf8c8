"""Make the calls that a candidate is to be compared by, and record what each gave."""

from __future__ import annotations

import marshal
from collections.abc import Callable
from typing import Any, NamedTuple

from ...isolation.rlimits import ResourceLimits
from ...isolation.settings import WorkerSettings
from ...protocol import case_items
from ...protocol.case_items import CANDIDATE, Item
from ...protocol.codec import Malformed
from ...protocol.marshalled import TooComplex
from ..candidate_proxy import TAMPERED, CandidateEnded, CandidateProxy
from ..candidate_run import JudgeResult, Program, RunProgram
from ..cases.expected import decoded
from ..text import short_repr
from .expectation import Expectation
from .result_key import KEY_CHARACTERS, result_key

# CPU time for what a module does before its function is called, for the call of an example, and for a further
# one: the inputs are small, and a candidate that never ends is known by then.
LOADING_S, EXAMPLE_S, CALL_S = 1.0, 1.0, 0.25


class CallResult(NamedTuple):
    """What one call gave; fields as in ``records.CallResult``."""

    key: str
    text: str
    is_expected: bool | None = None


def recorded_calls(
    request: dict[str, Any], settings: WorkerSettings, run: RunProgram, on_idle: Callable[[], None] | None
) -> JudgeResult:
    """Return a result whose ``calls`` are what the calls gave, as far as the candidate could answer.

    Args:
        request: the fields of ``Candidate``, and "calls": those of ``records.Calls``.
        settings: the worker's, with the limits.
        run: runs a program in a confined process of its own.
        on_idle: see ``RunProgram``.
    """
    arguments, expected = request["calls"]
    recorder = _Recorder(arguments, [Expectation(*each) for each in marshal.loads(expected)])  # noqa: S302 -- ours
    limits = ResourceLimits(settings.timeout_s, settings.memory_mib)
    program = Program(request["solution"], request["entry_point"])
    result = run(program, recorder.record, limits, on_idle)
    if result.message == TAMPERED:
        return result._replace(tampered=True)
    return result._replace(calls=tuple(recorder.results))


class _Recorder:
    def __init__(self, arguments: bytes, expectations: list[Expectation]) -> None:
        self._arguments, self._expectations = arguments, expectations
        self._count = len(marshal.loads(arguments))  # noqa: S302 -- ours
        self.results: list[CallResult] = []

    def record(self, proxy: CandidateProxy) -> JudgeResult:
        """Make the calls.

        Raises:
            CandidateEnded: the candidate can answer no more.
        """
        proxy.begin_step(LOADING_S)
        proxy.await_loading()
        # Each result is sent before the next call, which may never end.
        proxy.send("cases", self._arguments, b"", CANDIDATE, list(range(self._count)))
        while len(self.results) < self._count:
            if self.results:
                proxy.send("go")
            proxy.begin_step(EXAMPLE_S if len(self.results) < len(self._expectations) else CALL_S)
            for item in proxy.receive_items(self._count - len(self.results)):
                self.results.append(self._result(item, proxy))
        proxy.check_limits_once_more()
        return JudgeResult("passed")

    def _result(self, item: Item, proxy: CandidateProxy) -> CallResult:
        number = len(self.results)
        expectation = self._expectations[number] if number < len(self._expectations) else None
        if item.kind == case_items.FAILED:
            return _raised(proxy.failure_of(item), proxy, expectation)
        # No example shows such a value.
        unexpected = None if expectation is None else False
        if item.kind in (case_items.DIGEST, case_items.FLOATS):
            key = item.content.hex()[:KEY_CHARACTERS]
            return CallResult(key, "<a value too large to show>", unexpected)
        try:
            value, _ = decoded(item)
        except TooComplex as error:
            return CallResult("too complex", f"<a value that is {error}>", unexpected)
        except Malformed:
            raise proxy.end("crashed", TAMPERED) from None
        is_expected = None if expectation is None else expectation.is_met_by(value)
        return CallResult(result_key(value), short_repr(value), is_expected)


def _raised(error: BaseException, proxy: CandidateProxy, expectation: Expectation | None) -> CallResult:
    if isinstance(error, CandidateEnded):
        raise error
    is_expected = None if expectation is None else expectation.is_met_by_raising(error)
    return CallResult(f"!{type(error).__name__}", proxy.raised[error], is_expected)
