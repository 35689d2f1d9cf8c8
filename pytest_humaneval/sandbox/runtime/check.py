"""The dataset's own test as a function to be run, and the words for how it failed.

Trusted code on the trusted side. Each ``assert a == b`` is compiled so that both values are noted when they
are compared, which lets a failure be told with actual against expected, as pytest would.
"""

from __future__ import annotations

import ast
import types
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Any

from .text import shown

PROMPT_FILE = "<prompt>"
TEST_FILE = "<test>"
_NOTE = "__noted__"
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


class Check:
    """The test of one problem.

    Args:
        prompt: the dataset's prompt; helpers it defines may be used by the test.
        test: source that defines ``check(candidate)``.
        entry_point: the name under which the test may call the candidate beside ``candidate``.

    Raises:
        Exception: the dataset's own text cannot be compiled.
    """

    def __init__(self, prompt: str, test: str, entry_point: str) -> None:
        self._entry_point = entry_point
        tree = ast.parse(test, TEST_FILE)
        self._test = test
        for node in _asserts(tree.body):
            _note_operands(node)
        self._test_code = compile(tree, TEST_FILE, "exec", dont_inherit=True)
        self._prompt_code = _compiled_prompt(prompt)

    def run(self, candidate: Callable[..., Any], noted: dict[int, Any]) -> None:
        """Run ``check(candidate)``; whatever the test raises comes through.

        Args:
            candidate: called by the test in the entry point's place.
            noted: receives the operands of the latest comparison, left under 0 and right under 1.
        """

        def note(side: int, value: Any) -> Any:
            noted[side] = value
            return value

        namespace: dict[str, Any] = {"__name__": "test", _NOTE: note}
        exec(self._prompt_code, namespace)  # noqa: S102 -- the dataset's own text
        namespace[self._entry_point] = candidate
        exec(self._test_code, namespace)  # noqa: S102 -- the dataset's own text
        namespace["check"](candidate)

    def explain(self, error: AssertionError, noted: dict[int, Any], results: list[Any]) -> str:
        """Return the failing assertion, then actual and expected values.

        Args:
            error: as it came out of ``run``.
            noted: as ``run`` left it.
            results: what the candidate returned, in the order of its calls.
        """
        line = _line_of(error)
        for node in _asserts(ast.parse(self._test).body):
            if node.lineno == line:
                return "\n".join([_source(self._test, node), *_operands(node.test, noted, results)])
        return f"AssertionError in the test, line {line}: {shown(str(error))}"


def _asserts(statements: Iterable[Any]) -> Iterator[ast.Assert]:
    for statement in statements:
        if isinstance(statement, ast.Assert):
            yield statement
        for field in ("body", "orelse", "finalbody", "handlers"):
            yield from _asserts(getattr(statement, field, ()))


def _note_operands(node: ast.Assert) -> None:
    """Wrap both sides of an asserted comparison in calls that note the value and return it."""
    if isinstance(node.test, ast.Compare) and len(node.test.ops) == 1:
        node.test.left = _noting(0, node.test.left)
        node.test.comparators = [_noting(1, node.test.comparators[0])]


def _noting(side: int, value: ast.expr) -> ast.expr:
    name, number = ast.Name(_NOTE, ast.Load()), ast.Constant(side)
    call = ast.Call(name, [number, value], [])
    for node in (name, number, call):
        ast.copy_location(node, value)
    return call


def _compiled_prompt(prompt: str) -> types.CodeType:
    try:
        return compile(prompt, PROMPT_FILE, "exec", dont_inherit=True)
    except SyntaxError:  # an open prompt, such as one that ends in the middle of a body, defines no helper
        return compile("", PROMPT_FILE, "exec")


def _source(test: str, node: ast.Assert) -> str:
    """Return an ``assert`` of the test on one line and without its message."""
    segment = ast.get_source_segment(test, node) or ""
    plain = segment if node.msg is None and "\n" not in segment else ast.unparse(ast.Assert(node.test, None))
    return shown(plain, quoted=False)


def _line_of(error: AssertionError) -> int:
    line, step = 0, error.__traceback__
    while step is not None:
        if step.tb_frame.f_code.co_filename == TEST_FILE:
            line = step.tb_lineno
        step = step.tb_next
    return line


def _operands(test: ast.expr, noted: dict[int, Any], results: list[Any]) -> list[str]:
    returned = shown(results[-1]) if results else "(the entry point was not called)"
    if not (isinstance(test, ast.Compare) and len(test.ops) == 1 and len(noted) == 2):
        wanted = (
            "a false value"
            if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not)
            else "a true value"
        )
        return [f"  actual:   {returned}", f"  expected: {wanted}"]
    actual, expected = noted[0], noted[1]
    lines = [f"  actual:   {shown(actual)}", f"  expected: {_WORDS[type(test.ops[0])]}{shown(expected)}"]
    if results and actual is not results[-1] and shown(actual) != returned:
        lines.append(f"  returned: {returned}")
    return lines


@lru_cache(maxsize=512)
def check_of(prompt: str, test: str, entry_point: str) -> Check:
    """Return the check of a problem, compiled once for all its samples."""
    return Check(prompt, test, entry_point)
