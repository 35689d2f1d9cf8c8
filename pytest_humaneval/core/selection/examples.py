"""Read the examples that a prompt itself shows: calls of its function with what it says they return.

Forms: doctests (https://docs.python.org/3/library/doctest.html), and calls before ``==``, ``->``, ``=>``,
"returns" and the like. Forms without a call are in ``prose``. What is no plain data is left out.

Nothing but the stub is read, so what is chosen by examples owes nothing to the hidden tests.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from pytest_humaneval.core.problem import Stub
from pytest_humaneval.core.selection import prose
from pytest_humaneval.core.selection.literals import NotPlainError, leading_value, value_of
from pytest_humaneval.core.selection.signature import definition, parameters_of

_LONGEST_CALL_CHARS = 2_000
# Between a call and its result, on one line but for "should" at its end.
_SEPARATOR = re.compile(
    r"[ \t]*(?:\#[ \t]*)?"
    r"(?:={1,3}>|==|->|➞|→|=|(?:returns?|gives|will\s+return|should\s+(?:return|be(?:\s+equal\s+to)?))\b)"
    r"[ \t]*=?[ \t]*"
)
_COMMENT = re.compile(r"[ \t]*(?:#[^\n]*)?(?=\n|$)")
_PROMPT = re.compile(r"[ \t]*>>>[ \t]*")
_END_OF_OUTPUT = re.compile(r"\s*(?:$|>>>|\"\"\"|''')")
_TRACEBACK = re.compile(r"[ \t]*Traceback \(")
_ERROR = re.compile(r"[ \t]*(\w+)(?::|[ \t]*$)")


@dataclass(frozen=True)
class Example:
    """A call that a prompt shows, and what it shows as its result.

    Attributes:
        arguments: of the call, plain data.
        expected: what it returns, plain data.
        raises: the name of the exception that it raises; empty where it returns.
        digits: to how many digits the result is rounded before it is compared; None where it is not.
    """

    arguments: tuple[object, ...]
    expected: object = None
    raises: str = ""
    digits: int | None = None


def read_examples(stub: Stub) -> tuple[Example, ...]:
    """Return the examples of a prompt, each once, in its order."""
    text = _own_text(stub)
    parameters = parameters_of(stub)
    found = list(_called(text, _shown_name(text, stub.entry_point)))
    found = found or list(_called(text, stub.entry_point, parameters))
    found += [Example(arguments, expected) for arguments, expected in prose.read(text, parameters)]
    return tuple({repr(example): example for example in found}.values())


def _own_text(stub: Stub) -> str:
    """Return the prompt from the entry point on: helpers before it have examples of their own."""
    starts = [match.end() for match in definition(stub.entry_point).finditer(stub.prompt)]
    return stub.prompt[starts[-1] :] if starts else stub.prompt


def _shown_name(text: str, entry_point: str) -> str:
    """Return the name by which the text calls the function: some prompts call it by one other name."""
    if any(_called(text, entry_point)):
        return entry_point
    others = {name for name in re.findall(r"\b([a-z_]\w*)\(", text) if any(_called(text, name))}
    return others.pop() if len(others) == 1 else entry_point


def _called(text: str, name: str, parameters: Sequence[str] | None = None) -> Iterator[Example]:
    """Yield the examples among the calls of a function in a text.

    With ``parameters``, words without quotes count as texts, but for the names of these.
    """
    for match in re.finditer(rf"(?<![\w.]){re.escape(name)}\(", text):
        before = text[text.rfind("\n", 0, match.start()) + 1 : match.start()]
        is_assertion = before.strip() == "assert"
        call = _call(text, match.start(), match.end(), None if is_assertion else parameters)
        if call is None:
            continue
        arguments, end = call
        digits, end = _rounding(text, before, end)
        example = _with_result(text, arguments, end, digits, is_doctest=bool(_PROMPT.match(before)))
        if example:
            yield _without_message(example, text[end:]) if is_assertion else example


def _call(
    text: str, start: int, end: int, parameters: Sequence[str] | None
) -> tuple[tuple[object, ...], int] | None:
    """Return the arguments of the call at ``start``, and where it ends; None if they are no plain data."""
    while (end := text.find(")", end, start + _LONGEST_CALL_CHARS) + 1) > 0:
        try:
            tree = ast.parse(re.sub(r"\s*\n\s*", " ", text[start:end]), mode="eval").body
        except (SyntaxError, ValueError):
            continue
        if not isinstance(tree, ast.Call) or tree.keywords:
            return None
        try:
            return tuple(_argument(argument, parameters) for argument in tree.args), end
        except NotPlainError:
            return None
    return None


def _argument(node: ast.expr, parameters: Sequence[str] | None) -> object:
    is_word = parameters is not None and isinstance(node, ast.Name) and node.id not in parameters
    return node.id if is_word and isinstance(node, ast.Name) else value_of(node)


def _without_message(example: Example, result: str) -> Example:
    """Return the example of an assertion: what follows a comma outside of brackets is its message."""
    expected = example.expected
    is_bare = type(expected) is tuple and not _SEPARATOR.sub("", result, count=1).startswith("(")
    return replace(example, expected=expected[0]) if isinstance(expected, tuple) and is_bare else example


def _rounding(text: str, before: str, end: int) -> tuple[int | None, int]:
    """Return to how many digits ``round`` around a call rounds it, and where that ends."""
    if before.endswith("round(") and (rest := re.match(r"[ \t]*,[ \t]*(\d+)[ \t]*\)", text[end:])):
        return int(rest[1]), end + rest.end()
    return None, end


def _with_result(
    text: str, arguments: tuple[object, ...], end: int, digits: int | None, *, is_doctest: bool
) -> Example | None:
    if separator := _SEPARATOR.match(text, end):
        found = leading_value(text[separator.end() :])
        # A chain such as "19 - 5 - 6 = 8" has its value at each end.
        return Example(arguments, found.value, digits=digits) if found else None
    if not is_doctest:
        return None
    comment = _COMMENT.match(text, end)
    if comment is None:
        # A result on the line of the call, which a doctest would not have.
        found = leading_value(text[end:])
        return Example(arguments, found.value, digits=digits) if found else None
    return _with_output(text[comment.end() + 1 :], arguments, digits)


def _with_output(output: str, arguments: tuple[object, ...], digits: int | None) -> Example | None:
    """Return the example of a doctest, given the text after its line."""
    if _TRACEBACK.match(output):
        # Frames between the first and the last line are indented further, or left out as "...".
        names = [match[1] for line in output.splitlines()[1:] if (match := _ERROR.match(line))]
        return Example(arguments, raises=names[0]) if names else None
    # What prints nothing returned None.
    if _END_OF_OUTPUT.match(output.split("\n", 1)[0] or " "):
        return Example(arguments, None, digits=digits)
    found = leading_value(output)
    return Example(arguments, found.value, digits=digits) if found else None
