"""Compare what a candidate returns with what the reference returned; the first difference decides."""

from __future__ import annotations

import time
from typing import NoReturn

from ...protocol import case_items
from ...protocol.case_items import CANDIDATE, Item
from ...protocol.codec import Malformed
from ...protocol.digests import NoNormalForm, normal_digest
from ...protocol.marshalled import TooComplex
from ..candidate_proxy import CHARGED_BYTES, TAMPERED, CandidateEnded, CandidateProxy
from ..candidate_run import JudgeResult
from ..text import short_repr
from .differences import Difference
from .expected import Expected, LargeForm, decoded, is_large, large_form
from .rules import RULES, Returned, matches

# For what a module does before its function is called.
LOADING_S = 3.0
# For the normal form of a large value, beyond the limit of its case.
NORMAL_FORM_S = 3.0
UNDECIDED = "not_plain_data"


class NormalFormsMissing(Exception):
    """A comparison needs the normal forms of the reference's large values, which are not known yet."""


class Comparison:
    """The judging of one candidate.

    Args:
        proxy: the candidate.
        expected: what it has to return.

    Attributes:
        index: the number of cases that were right.
    """

    def __init__(self, proxy: CandidateProxy, expected: Expected) -> None:
        self._proxy, self._expected = proxy, expected
        self._rule = RULES[expected.inputs.rule]
        self.index = 0

    def result(self) -> JudgeResult:
        """Return the verdict.

        Raises:
            CandidateEnded: the candidate can answer no more.
            NormalFormsMissing: see there.
        """
        proxy, inputs = self._proxy, self._expected.inputs
        proxy.begin_step(LOADING_S)
        proxy.await_loading()
        proxy.send("cases", inputs.base, inputs.plus, CANDIDATE, self._expected.slow)
        while True:
            proxy.begin_step(self._expected.limit_s(self.index))
            difference = self._first_difference(proxy.receive_items(len(self._expected.items) - self.index))
            if difference:
                return difference
            if self.index == len(self._expected.items):
                proxy.check_limits_once_more()
                return JudgeResult("passed")
            proxy.send("go")

    def _first_difference(self, items: list[Item]) -> JudgeResult | None:
        for number, item in enumerate(items, 1):
            if item.kind == case_items.FAILED:
                return self._failed(item)
            if not self._is_the_same(item):
                found = self._compared(item, is_last=number == len(items))
                if found:
                    return found
            self.index += 1
        return None

    def _is_the_same(self, item: Item) -> bool:
        """Return whether the bytes alone show that a value is right."""
        expected = self._expected.items[self.index]
        comparable = expected.kind == case_items.PLAIN or is_large(expected)
        return comparable and item == expected and self._rule.is_met_by_equality

    def _failed(self, item: Item) -> JudgeResult:
        error = self._proxy.failure_of(item)
        if isinstance(error, CandidateEnded):
            raise error
        text = self._proxy.raised[error]
        return JudgeResult("exception", f"{text}\n{Difference(self._expected, self.index).place()}")

    def _compared(self, item: Item, *, is_last: bool) -> JudgeResult | None:
        if is_large(item) or self._expected.is_large(self.index):
            return self._compared_by_digest(item, is_last)
        began_s = time.thread_time() if len(item.content) >= CHARGED_BYTES else None
        try:
            return self._compared_by_value(item)
        finally:
            if began_s is not None:
                self._proxy.charge(began_s)

    def _compared_by_value(self, item: Item) -> JudgeResult | None:
        expected, index = self._expected, self.index
        difference = Difference(expected, index)
        try:
            value, opaques = decoded(item, len(expected.items[index].content))
        except TooComplex as error:
            return JudgeResult(UNDECIDED, difference.undecided(f"a value that is {error}"))
        except Malformed:
            self._tampered()
        is_builtin = item.kind != case_items.OBJECT
        returned = Returned(value, expected.arguments[index], is_builtin)
        right = expected.value(index)
        if matches(expected.inputs.rule, returned, right, expected.tolerance(index)):
            return None
        outcome = UNDECIDED if any(opaque.decides for opaque in opaques) else "wrong_answer"
        return JudgeResult(outcome, difference.between(value, right))

    def _compared_by_digest(self, item: Item, is_last: bool) -> JudgeResult | None:
        difference = Difference(self._expected, self.index)
        tolerance = self._expected.tolerance(self.index).now
        if tolerance or not self._rule.is_met_by_equality:
            return JudgeResult(
                UNDECIDED, difference.undecided("a value too large to be compared by this rule")
            )
        right = self._right_form()
        found = self._form_of_large(is_last) if is_large(item) else self._form_of_small(item)
        if found.digest and found.digest == right.digest:
            return None
        by_types = not (found.digest and right.digest)
        return JudgeResult("wrong_answer", difference.between_large(found, right, by_types=by_types))

    def _right_form(self) -> LargeForm:
        expected, index = self._expected, self.index
        if not expected.is_large(index):
            return _form(expected.value(index))
        if expected.normal is None:
            raise NormalFormsMissing
        return expected.normal[index] or LargeForm(b"", "a value that does not equal itself")

    def _form_of_large(self, is_last: bool) -> LargeForm:
        # An honest process waits with each large value, and so can be asked for its normal form.
        if not is_last:
            self._tampered()
        self._proxy.begin_step(self._expected.limit_s(self.index) + NORMAL_FORM_S)
        self._proxy.send("normal")
        try:
            (item,) = self._proxy.receive_items(1)
            return large_form(item)
        except (Malformed, ValueError):
            self._tampered()

    def _form_of_small(self, item: Item) -> LargeForm:
        try:
            return _form(decoded(item)[0])
        except Malformed:
            self._tampered()

    def _tampered(self) -> NoReturn:
        raise self._proxy.end("crashed", TAMPERED)


def _form(value: object) -> LargeForm:
    try:
        digest = normal_digest(value)
    except NoNormalForm:
        digest = b""
    return LargeForm(digest, short_repr(value))
