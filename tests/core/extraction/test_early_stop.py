"""An answer ended early if its function is not whole and the length limit was not the reason."""

from __future__ import annotations

import pytest

from pytest_humaneval.core.extraction import extract, resolve
from pytest_humaneval.core.problem import Stub
from pytest_humaneval.core.records import Completion

SENTENCE = Stub('"""\nThe area of a square.\nassert area(2) == 4\n"""\n', "area")
SIGNATURE = Stub('def area(side):\n    """The area."""\n', "area")

EARLY = {
    "before anything": (SENTENCE, ""),
    "after imports": (SENTENCE, "import math\n"),
    "in prose": (SENTENCE, "Here it is:\n```python"),
    "in a body": (SENTENCE, "def area(side):\n    total = 0"),
    "after a header": (SENTENCE, "def area(side):\n    if side:"),
    "in a string": (SENTENCE, 'def area(side):\n    """The area.'),
    "in brackets": (SENTENCE, "def area(side):\n    return sum([side,"),
    "before a body": (SIGNATURE, "    # multiply"),
}
NOT_EARLY = {
    "whole": (SENTENCE, "def area(side):\n    return side ** 2"),
    "with a helper": (
        SENTENCE,
        "def square(x):\n    return x * x\n\ndef area(side):\n    return square(side)",
    ),
    "of another name": (SENTENCE, "def square(x):\n    return x * x"),
    "printing": (SENTENCE, "def area(side):\n    print(side * side)"),
    "left empty": (SENTENCE, "def area(side):\n    pass"),
    "no Python": (SENTENCE, "def area(side)\n    return side"),
    "a body": (SIGNATURE, "    return side ** 2"),
    "an empty body": (SIGNATURE, "    pass"),
    "a gap's middle": (Stub("def area(side):\n", "area", "    return x\n"), "    x = ["),
}


@pytest.mark.parametrize(("stub", "text"), EARLY.values(), ids=EARLY)
def test_an_answer_without_its_function_ended_early(stub: Stub, text: str) -> None:
    """Before or inside the definition."""
    assert extract(Completion(text, "stop"), stub, resolve("auto")).stopped_early


@pytest.mark.parametrize(("stub", "text"), NOT_EARLY.values(), ids=NOT_EARLY)
def test_an_answer_with_a_whole_function_did_not(stub: Stub, text: str) -> None:
    """A wrong, misnamed or empty function is the model's own."""
    assert not extract(Completion(text, "stop"), stub, resolve("auto")).stopped_early


@pytest.mark.parametrize("reason", ["length", None])
def test_only_an_answer_that_stopped_ended_early(reason: str | None) -> None:
    """The length limit is another matter, and an unknown reason says nothing."""
    assert not extract(Completion("import math\n", reason), SENTENCE, resolve("auto")).stopped_early
