"""Infilling: the program is what stands before the gap, the answer, and what stands after it."""

from __future__ import annotations

import pytest

from pytest_humaneval.core.extraction import extract, resolve
from pytest_humaneval.core.problem import Stub
from pytest_humaneval.core.records import Completion, Form

PREFIX = "import math\n\n\ndef area(side):\n    if side > 0:\n"
SUFFIX = "    return side ** 2\n"
LINES = Stub(PREFIX, "area", SUFFIX)
"""A gap of whole lines."""

SPAN = Stub("def area(side):\n    edge = si", "area", "\n    return edge ** 2\n")
"""A gap that begins and ends inside of lines."""

WHOLE = "def area(side):\n    return math.pow(side, 2)\n"


def solution(text: str, stub: Stub, form: Form = "raw") -> str | None:
    """Return the program made of an answer with the usual post-processing."""
    return extract(Completion(text, "stop", form), stub, resolve("auto")).solution


@pytest.mark.parametrize("form", ["raw", "completion"])
@pytest.mark.parametrize(
    ("middle", "stub"),
    [
        ("        side = -side\n", LINES),
        ("        side = -side\n        area = side\n", LINES),
        ("de", SPAN),
        ("de + 0  ", SPAN),
        ("de\n    if edge < 0:\n        edge = 0", SPAN),
    ],
)
def test_a_middle_is_put_into_the_gap_as_it_is(middle: str, stub: Stub, form: Form) -> None:
    """Neither stripped nor indented anew: a model for infilling answers to the last space."""
    assert solution(middle, stub, form) == f"{stub.prompt}{middle}{stub.suffix}"


@pytest.mark.parametrize("middle", ["side = -side\n", "        side = -side", "    ):\n"])
def test_a_middle_that_does_not_fit_is_judged_as_what_it_is(middle: str) -> None:
    """Nobody mends it: the program has the syntax error that the model made."""
    assert solution(middle, LINES) == f"{PREFIX}{middle}{SUFFIX}"


def test_a_token_after_the_middle_ends_it() -> None:
    """A server without a parser for the model's tokens leaves them in the text."""
    assert solution("de<|endoftext|>import os", SPAN) == f"{SPAN.prompt}de{SPAN.suffix}"


@pytest.mark.parametrize(
    "text",
    [
        WHOLE,
        f"import random\n\n{WHOLE}",
        f"Sure:\n```python\n{WHOLE}```\nDone.",
        f"```python\nx = 1\n```\nbetter:\n```\n{WHOLE}```",
        f"```python\n{WHOLE}```\nprints\n```\n>>> area(2)\n```",
    ],
    ids=["bare", "after-an-import", "fenced", "in-the-last-fence", "in-the-last-fence-that-fits"],
)
def test_a_whole_function_is_the_program(text: str) -> None:
    """A model that chats may write all of it; what the prompt imports is there."""
    found = solution(text, LINES)

    assert found is not None
    assert found.startswith("import math\n")
    assert found.endswith(WHOLE)
    assert SUFFIX not in found


def test_a_middle_in_a_fence_is_found() -> None:
    """A model that chats may write only that; the fence's line end is the last line's."""
    text = "The missing lines:\n```python\n        side = -side\n```\n"

    assert solution(text, LINES) == f"{PREFIX}        side = -side\n{SUFFIX}"


def test_without_steps_a_text_is_the_middle() -> None:
    """As a continuation is where nothing follows."""
    found = extract(Completion("x", "stop"), SPAN, resolve("none"))

    assert found.solution == f"{SPAN.prompt}x{SPAN.suffix}"


def test_a_middle_that_the_length_limit_ended_is_cut() -> None:
    """A model that goes on and on has not found the gap's end."""
    assert extract(Completion("de", "length"), SPAN, resolve("auto")).cut


def test_a_variable_called_as_the_function_is_no_function() -> None:
    """It is a middle, although a module could define the entry point in this way."""
    stub = Stub("def area(side):\n    ", "area", "\n    return area\n")

    assert solution("area = side ** 2", stub) == "def area(side):\n    area = side ** 2\n    return area\n"


def test_a_broken_middle_is_not_left_out() -> None:
    """Although what stands before the gap would do without it."""
    stub = Stub("def area(side):\n    return side\n", "area", "    return 1\n")

    assert solution("    x = = 1\n", stub) == f"{stub.prompt}    x = = 1\n{stub.suffix}"


def test_a_whole_function_that_was_left_empty_is_the_program() -> None:
    """The model's own answer, and not a function inside of a function."""
    assert (solution("def area(side):\n    pass\n", LINES) or "").endswith("\ndef area(side):\n    pass\n")
