"""Which code of a text is the answer, and that wrong code is left as wrong as it is."""

from __future__ import annotations

import warnings

import pytest

from pytest_humaneval.core.extraction import extract, resolve
from pytest_humaneval.core.problem import Stub
from pytest_humaneval.core.records import Completion

STUB = Stub('import math\n\n\ndef area(side):\n    """The area."""\n', "area")


def solution(text: str, stub: Stub = STUB) -> str | None:
    """Return the solution that the default post-processing extracts from a text."""
    return extract(Completion(text), stub, resolve("auto")).solution


def test_a_module_goes_under_the_preamble_that_it_lacks() -> None:
    """The prompt's own imports and helpers are there, once."""
    expected = "import math\n\n\ndef area(side):\n    return math.pow(side, 2)"
    assert expected == solution("```python\ndef area(side):\n    return math.pow(side, 2)\n```")
    assert expected == solution(f"```python\n{expected}\n```")


def test_a_body_goes_under_the_signature() -> None:
    """Where the answer is a body only, signature and docstring are the prompt's."""
    assert STUB.prompt + "    return side" == solution("```python\nreturn side\n```")


def test_a_body_that_breaks_off_stays_broken() -> None:
    """A syntax error in the model's body is the model's: nothing is cut away until it runs."""
    text = "    if side > 0:\n        return side side\n    return 0\n"

    assert STUB.prompt + text == solution(text)


def test_a_broken_tail_goes_where_the_body_had_returned() -> None:
    """What follows the last return cannot run, so that it is not Python does not matter."""
    expected = STUB.prompt + "    return side\n"
    assert expected == solution("    return side\n    That's the area (really).\n")


def test_another_function_s_body_is_never_taken() -> None:
    """Indented lines under another signature are not the entry point's."""
    text = "def helper(x):\n    return x\n\n\ndef area(side:\n    return helper(side)\n"

    assert text in (solution(text) or "")


def test_a_usage_that_imports_the_solution_is_no_definition() -> None:
    """A block that imports the entry point from a file of its own only uses it."""
    usage = "from solution import area\nprint(area(1))"
    text = f"```python\ndef area(side):\n    return side\n```\n```python\n{usage}\n```"

    assert "return side" in (solution(text) or "")


def test_a_local_variable_of_the_entry_point_s_name_defines_nothing() -> None:
    """A body may use the name for a variable of its own."""
    text = "```python\narea = side * side\nreturn area\n```"

    assert STUB.prompt + "    area = side * side\n    return area" == solution(text)


@pytest.mark.parametrize("escape", [r"'\d'", r"'\N{BULLET}'", r"f'{side}\w'", "1if side else 2"])
def test_warnings_do_not_change_what_is_python(escape: str) -> None:
    """Where warnings are errors, as in many a test suite, the last definition still counts."""
    draft, final = (f"```python\ndef area(side):\n    return {value}\n```\n" for value in ("0", escape))
    text = draft + final
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert escape in (solution(text) or "")


def test_a_wrong_name_is_left_as_it_is() -> None:
    """A function under another name is not renamed: its program runs, and fails by the missing name."""
    text = "```python\ndef size(side):\n    return side\n```"

    assert "def size(side):\n    return side" in (solution(text) or "")


def test_a_stub_is_extracted_as_a_stub() -> None:
    """A function that the model left empty is its answer; it is not put inside the prompt's."""
    expected = "import math\n\n\ndef area(side):\n    pass"

    assert expected == solution("```python\ndef area(side):\n    pass\n```")


def test_a_helper_in_a_block_of_its_own_comes_along() -> None:
    """What the answer uses and only another block defines is a part of the answer."""
    helper, answer = "def size(x):\n    return x", "def area(side):\n    return size(side)"

    found = solution(f"First:\n```python\n{helper}\n```\nThen:\n```python\n{answer}\n```")

    assert f"import math\n\n\n{helper}\n\n{answer}" == found
