"""Explain a failed test: the assertion, then the actual and the expected value, as pytest prints them.

The test runs unchanged, so the values of a comparison are gone when it fails. The comparison is evaluated
again in the frame that failed, with the candidate's recorded results in place of its calls: the candidate,
which could answer otherwise now, is not called again.
"""

from __future__ import annotations

import ast
import types
from collections.abc import Iterable, Iterator
from typing import Any

from .candidate_proxy import CandidateProxy, ResultsExhausted
from .check import TEST_FILE
from .text import short_repr

# Of one assertion. Where there are more, only the last result is shown: each number of calls is one more try.
_MAX_CALLS = 10

_OPERATORS = {
    ast.Eq: "",
    ast.Is: "is ",
    ast.NotEq: "!= ",
    ast.IsNot: "is not ",
    ast.Lt: "< ",
    ast.LtE: "<= ",
    ast.Gt: "> ",
    ast.GtE: ">= ",
    ast.In: "in ",
    ast.NotIn: "not in ",
}


def explain_failure(error: AssertionError, test: str, proxy: CandidateProxy) -> str:
    """Return the failing assertion on one line, then lines with the actual and the expected value.

    Args:
        error: raised by the test.
        test: the test's source.
        proxy: the candidate; from here on it only repeats its results.
    """
    frame, line = _place(error)
    for node in _asserts(ast.parse(test).body):
        if frame is not None and node.lineno == line:
            return "\n".join([_source(test, node), *_values(node.test, frame, proxy)])
    return f"AssertionError in the test, line {line}: {short_repr(str(error))}"


def _place(error: AssertionError) -> tuple[types.FrameType | None, int]:
    """Return where in the test an error came from: the innermost frame, and the line."""
    frame, line, step = None, 0, error.__traceback__
    while step is not None:
        if step.tb_frame.f_code.co_filename == TEST_FILE:
            frame, line = step.tb_frame, step.tb_lineno
        step = step.tb_next
    return frame, line


def _asserts(statements: Iterable[Any]) -> Iterator[ast.Assert]:
    for statement in statements:
        if isinstance(statement, ast.Assert):
            yield statement
        for field in ("body", "orelse", "finalbody", "handlers"):
            yield from _asserts(getattr(statement, field, ()))


def _source(test: str, node: ast.Assert) -> str:
    """Return an ``assert`` of the test on one line and without its message."""
    segment = ast.get_source_segment(test, node) or ""
    plain = segment if node.msg is None and "\n" not in segment else ast.unparse(ast.Assert(node.test, None))
    return short_repr(plain, quoted=False)


def _values(test: ast.expr, frame: types.FrameType, proxy: CandidateProxy) -> list[str]:
    results = proxy.results
    returned = short_repr(results[-1]) if results else "(the entry point was not called)"
    if not (isinstance(test, ast.Compare) and len(test.ops) == 1):
        is_negated = isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not)
        return [f"  actual:   {returned}", f"  expected: a {'false' if is_negated else 'true'} value"]
    operands = _operands(test, {**frame.f_globals, **frame.f_locals}, proxy)
    if operands is None:
        return [f"  returned: {returned}"]
    actual, expected = operands
    lines = [
        f"  actual:   {short_repr(actual)}",
        f"  expected: {_OPERATORS[type(test.ops[0])]}{short_repr(expected)}",
    ]
    if results and actual is not results[-1] and short_repr(actual) != returned:
        lines.append(f"  returned: {returned}")
    return lines


def _operands(test: ast.Compare, names: dict[str, Any], proxy: CandidateProxy) -> tuple[Any, Any] | None:
    """Return both sides of a comparison, evaluated once more; None where that is not possible."""
    both = ast.Expression(ast.Tuple([test.left, *test.comparators], ast.Load()))
    code = compile(ast.fix_missing_locations(both), TEST_FILE, "eval", dont_inherit=True)
    # How many calls this assertion made is unknown: the last result is tried, then the last two, and so on.
    for calls in range(min(_MAX_CALLS, len(proxy.results)) + 1):
        latest = proxy.results[len(proxy.results) - calls :]
        proxy.repeat(latest)
        try:
            left, right = eval(code, dict(names))  # noqa: S307 -- the dataset's own text
        # The assertion made more calls.
        except ResultsExhausted:
            continue
        # It depends on more than the frame holds.
        except Exception:
            return None
        # An iterator that the test has used up: what it held cannot be shown.
        is_spent = any(hasattr(result, "__next__") and result is not left for result in latest)
        return None if is_spent else (left, right)
    return None
