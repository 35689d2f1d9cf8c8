"""The words for how a test failed: the assertion, then actual against expected, as pytest would tell them.

The test runs just as it stands, so the values of a comparison are gone when it fails. They are had again from
the frame that failed, with what the candidate returned in the place of its calls: it is not asked again.
"""

from __future__ import annotations

import ast
import types
from collections.abc import Iterable, Iterator
from typing import Any

from .candidate_proxy import CandidateProxy, ResultsExhausted
from .check import TEST_FILE
from .text import short_repr

_MAX_CALLS = 10
"""In one assertion; where there are more, only the last result is told."""

_WORDS = {
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
    """Return the failing assertion, then actual and expected values.

    Args:
        error: as it came out of the test.
        test: its source.
        proxy: the candidate, which from here on only repeats what it returned.
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
        f"  expected: {_WORDS[type(test.ops[0])]}{short_repr(expected)}",
    ]
    if results and actual is not results[-1] and short_repr(actual) != returned:
        lines.append(f"  returned: {returned}")
    return lines


def _operands(test: ast.Compare, names: dict[str, Any], proxy: CandidateProxy) -> tuple[Any, Any] | None:
    """Return both sides of a comparison, evaluated once more; None where it cannot be."""
    both = ast.Expression(ast.Tuple([test.left, *test.comparators], ast.Load()))
    code = compile(ast.fix_missing_locations(both), TEST_FILE, "eval", dont_inherit=True)
    for calls in range(min(_MAX_CALLS, len(proxy.results)) + 1):
        latest = proxy.results[len(proxy.results) - calls :]
        proxy.repeat(latest)
        try:
            left, right = eval(code, dict(names))  # noqa: S307 -- the dataset's own text
        except ResultsExhausted:  # it calls the candidate more often
            continue
        except Exception:  # it depends on more than the frame holds
            return None
        is_spent = any(hasattr(result, "__next__") and result is not left for result in latest)
        return None if is_spent else (left, right)
    return None
