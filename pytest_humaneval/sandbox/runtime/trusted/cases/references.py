"""Find out what a reference returns: run it once, confined as a candidate is, and keep the answer."""

from __future__ import annotations

import struct
from collections import OrderedDict
from collections.abc import Callable

from ...isolation.rlimits import ResourceLimits
from ...protocol import case_items
from ...protocol.case_items import NORMALLY, REFERENCE, Item
from ...protocol.codec import Malformed
from ..candidate_proxy import CandidateEnded, CandidateProxy
from ..candidate_run import JudgeResult, Program, RunProgram
from .expected import MOST_CASES, CaseInputs, Expected, LargeForm, large_form
from .reference_files import ReferenceFiles

LIMITS = ResourceLimits(120.0, 4096)
# What is kept in memory for other candidates of the same problems.
MAX_KEPT_BYTES = 48 << 20


class ReferenceFailed(Exception):
    """A reference does not return a value for each case, which is the dataset's fault."""


class References:
    """What references return, each found out once.

    Args:
        run: runs a program in a confined process of its own.
    """

    def __init__(self, run: RunProgram) -> None:
        self._run = run
        self._kept: OrderedDict[tuple[CaseInputs, str], Expected] = OrderedDict()

    def expected(self, inputs: CaseInputs, entry_point: str, folder: str) -> Expected:
        """Return what a problem's reference returns.

        Args:
            inputs: the cases.
            entry_point: the name of the function to call.
            folder: where answers are kept between runs.

        Raises:
            ReferenceFailed: it returns nothing.
        """
        key = inputs, entry_point
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        files = ReferenceFiles(folder, inputs, entry_point)
        found = files.read()
        if found is None:
            found = self._computed(inputs, entry_point)
            files.write(*found)
        self._kept[key] = expected = Expected(inputs, entry_point, *found)
        self._drop_oldest()
        return expected

    def add_normal_forms(self, expected: Expected, entry_point: str) -> None:
        """Find out the normal forms of the values that are too large.

        Raises:
            ReferenceFailed: it behaves otherwise than before.
        """
        items = self._items(expected.inputs, entry_point, NORMALLY, len(expected.items))
        expected.normal = [_form(item) for item in items]

    def _computed(self, inputs: CaseInputs, entry_point: str) -> tuple[list[Item], list[float]]:
        *items, times = self._items(inputs, entry_point, REFERENCE, None)
        return items, list(struct.unpack(f"<{len(items)}d", times.content))

    def _items(self, inputs: CaseInputs, entry_point: str, how: str, count: int | None) -> list[Item]:
        items: list[Item] = []

        def collect(proxy: CandidateProxy) -> JudgeResult:
            return _collected(proxy, inputs, how, count, items.append)

        program = Program(inputs.reference, entry_point)
        result = self._run(program, collect, LIMITS, None)
        if result.outcome != "passed":
            reason = f"{result.outcome} ({result.message})"
            raise ReferenceFailed(f"the dataset's reference fails at input {len(items) + 1}: {reason}")
        return items

    def _drop_oldest(self) -> None:
        total = sum(expected.memory_bytes for expected in self._kept.values())
        while total > MAX_KEPT_BYTES and len(self._kept) > 1:
            _, oldest = self._kept.popitem(last=False)
            total -= oldest.memory_bytes


def _collected(
    proxy: CandidateProxy, inputs: CaseInputs, how: str, count: int | None, keep: Callable[[Item], None]
) -> JudgeResult:
    """Have all cases called; keep what is returned, up to ``count`` items, or up to the times."""
    proxy.await_loading()
    proxy.send("cases", inputs.base, inputs.plus, how, [])
    kept = 0
    while True:
        for item in proxy.receive_items(MOST_CASES):
            if item.kind == case_items.FAILED:
                error = proxy.failure_of(item)
                if isinstance(error, CandidateEnded):
                    raise error
                return JudgeResult("exception", proxy.raised[error])
            keep(item)
            kept += 1
            if item.kind == case_items.TIMES or kept == count:
                return JudgeResult("passed")
        proxy.send("go")


def _form(item: Item) -> LargeForm | None:
    try:
        return large_form(item)
    except Malformed:
        return None
