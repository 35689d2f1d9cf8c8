"""An answer is cut if the length limit fell into its solution, and only then."""

from __future__ import annotations

import pytest

from pytest_humaneval.core.extraction import extract, resolve
from pytest_humaneval.core.problem import Stub
from pytest_humaneval.core.records import Completion

STUB = Stub('def area(side):\n    """The area."""\n', "area")
WHOLE = "def area(side):\n    return side * side\n"
HALF = "def area(side):\n    if side"

CUT = {
    "in the body": "    if side > 0:\n        return side",
    "in a body that could end there": "    return side * side",
    "in a bare function": HALF,
    "in an unclosed fence": f"Sure:\n```python\n{HALF}",
    "in a helper before the function": "```python\nimport math\n\ndef helper(x):\n    return",
    "in reasoning": f"<think>\nMaybe\n```python\n{WHOLE}```\nBut",
    "before any code": "Let me think about it. The area of a square is",
    "after a comment of the body": "    x = side\n    # now multiply",
    "with a stray special token": "    return side<|endof",
}
NOT_CUT = {
    "after a closed fence": f"```python\n{WHOLE}```\nThis function retur",
    "in a usage after the function": f"{WHOLE}\nprint(area(",
    "in a next function": "    return side * side\n\n\ndef volume(side):\n    ret",
    "in a comment after the body": "    return side * side\n\n# Test ca",
    "in a second variant": f"```python\n{WHOLE}```\nOr:\n```python\n{HALF}",
    "after a closed tag": f"[PYTHON]\n{WHOLE}[/PYTHON]\nNow",
}


@pytest.mark.parametrize("text", CUT.values(), ids=CUT)
def test_a_limit_in_the_solution_cuts_it(text: str) -> None:
    """The definition, or what had to come before it, was still being written."""
    assert extract(Completion(text, "length"), STUB, resolve("auto")).cut


@pytest.mark.parametrize("text", NOT_CUT.values(), ids=NOT_CUT)
def test_a_limit_after_the_solution_does_not_cut_it(text: str) -> None:
    """Only text after the solution was lost, so a failure is the solution's own."""
    assert not extract(Completion(text, "length"), STUB, resolve("auto")).cut


@pytest.mark.parametrize("text", CUT.values(), ids=CUT)
@pytest.mark.parametrize("finish_reason", ["stop", None])
def test_without_the_limit_nothing_is_cut(text: str, finish_reason: str | None) -> None:
    """Unfinished code that the model ended itself is the model's own."""
    assert not extract(Completion(text, finish_reason), STUB, resolve("auto")).cut


@pytest.mark.parametrize("text", [CUT["in reasoning"], CUT["before any code"]])
def test_neither_reasoning_nor_prose_is_a_solution(text: str) -> None:
    """A draft inside reasoning that never ended is no answer."""
    assert extract(Completion(text, "length"), STUB, resolve("auto")).solution is None


@pytest.mark.parametrize("form", ["none", "post_chat"])
def test_the_cut_does_not_depend_on_the_steps(form: str) -> None:
    """Post-processing does not decide whether the limit fell into the solution."""
    assert extract(Completion(CUT["in the body"], "length"), STUB, resolve(form)).cut
