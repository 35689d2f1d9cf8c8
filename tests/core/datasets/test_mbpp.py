"""Rows of MBPP: prompt, entry point and test are made of a sentence, a solution and asserts."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.core.problem import Problem
from tests.support.dataset_rows import MBPP, read_one

SANITIZED = {
    "source_file": "x.ipynb",
    "task_id": 900,
    "prompt": MBPP["text"],
    "code": MBPP["code"],
    "test_imports": ["import math"],
    "test_list": MBPP["test_list"],
}


def passes(problem: Problem, solution: str) -> bool:
    """Return whether a solution passes a problem's test, as the judge runs it."""
    namespace: dict[str, object] = {}
    exec(solution, namespace)  # noqa: S102 -- written in this file
    test = {problem.entry_point: namespace[problem.entry_point]}
    exec(problem.test, test)  # noqa: S102 -- written in this file
    try:
        test["check"](namespace[problem.entry_point])  # type: ignore[operator]
    except AssertionError:
        return False
    return True


def test_a_row_becomes_a_problem(tmp_path: Path) -> None:
    """The id is MBPP+'s; the prompt is a docstring; the asserts stand as they are, one after the other."""
    assert read_one(tmp_path, MBPP) == Problem(
        "Mbpp/900",
        '"""\nWrite a function to double a number.\nassert double(1) == 2\nassert double(2)==4\n"""\n',
        "double",
        "def double(x):\n  return 2 * x",
        "def check(candidate):\n    assert double(1) == 2\n    assert double(2)==4\n",
        shows_test=True,
    )


def test_a_row_of_the_sanitized_part_has_imports(tmp_path: Path) -> None:
    """For its asserts."""
    problem = read_one(tmp_path, SANITIZED)

    assert problem.test.startswith("import math\ndef check(candidate):\n")
    assert problem.task_id == "Mbpp/900"


def test_set_up_code_comes_first(tmp_path: Path) -> None:
    """The asserts use what it defines."""
    problem = read_one(
        tmp_path, MBPP, test_setup_code="two = 2\r\nfour = 4", test_list=["assert double(two) == four"]
    )

    assert passes(problem, "def double(x): return 2 * x")
    assert not passes(problem, "def double(x): return x")


def test_asserts_use_what_the_solution_imports(tmp_path: Path) -> None:
    """In MBPP they are in one module with it; what they do not use is left out."""
    code = "import sys, os.path as p\nimport re\nfrom math import pi\ndef double(x): return sys.maxsize * pi"
    problem = read_one(tmp_path, MBPP, code=code, test_list=["assert double(1) == sys.maxsize * pi"])

    assert problem.test.splitlines()[:2] == ["import sys, os.path as p", "from math import pi"]
    assert "import re" not in problem.test


@pytest.mark.parametrize(
    ("code", "test", "entry_point"),
    [
        ("def helper(x): pass\ndef double(x): pass", "assert double(helper(1)) == 2", "double"),
        ("class Pair: pass\ndef double(x): pass", "assert double([Pair()]) == 2", "double"),
        ("def double(x): pass", "assert set(double(1)) == {2}", "double"),
        ("def double(x): pass", "assert abs(double(1) - 2) < 0.1", "double"),
    ],
)
def test_the_entry_point_is_what_the_asserts_call(
    tmp_path: Path, code: str, test: str, entry_point: str
) -> None:
    """And the solution defines: no built-in function, no class."""
    assert read_one(tmp_path, MBPP, code=code, test_list=[test]).entry_point == entry_point


def test_an_entry_point_may_be_called_check(tmp_path: Path) -> None:
    """The test function, which has that name, too, does not call itself."""
    problem = read_one(tmp_path, MBPP, code="def check(n): return n", test_list=["assert check(2) == 2"])

    assert passes(problem, "def check(n): return n")
    assert not passes(problem, "def check(n): return n + 1")


@pytest.mark.parametrize(
    "text",
    [
        'assert double("a\\n\\\\") == "b"',
        "assert double('''a\n  b\n''') == 1",
        'assert double("""a\n  b\\n""") == 1',
        "assert double([1,\n2]) == 1",
        "x = 1; assert double(x) == 1",
    ],
)
def test_an_assert_is_the_same_wherever_it_stands(tmp_path: Path, text: str) -> None:
    """No text in it is changed by indentation; and in the prompt it can be read as it stands."""
    problem = read_one(tmp_path, MBPP, test_list=[text])

    (check,) = ast.parse(problem.test).body
    assert isinstance(check, ast.FunctionDef)
    assert [ast.dump(node) for node in check.body] == [ast.dump(node) for node in ast.parse(text).body]
    assert ast.get_docstring(ast.parse(problem.prompt), clean=False) == f"\n{MBPP['text']}\n{text}\n"


def test_reading_a_solution_says_nothing(tmp_path: Path, recwarn: pytest.WarningsRecorder) -> None:
    """Several have escapes of which Python warns: that is not the user's affair."""
    code = r'def double(x): return "\w"'

    assert read_one(tmp_path, MBPP, code=code).canonical_solution == code
    assert recwarn.list == []


def test_a_challenge_is_no_part_of_the_test(tmp_path: Path) -> None:
    """Few rows have any, and the paper's score does not count them."""
    assert read_one(tmp_path, MBPP, challenge_test_list=["assert double(0) == 1"]) == read_one(tmp_path, MBPP)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"code": "def triple(x): pass"}, "the entry point cannot be known"),
        ({"code": "def double(x:"}, r"field 'code' is not Python \("),
        ({"code": 1}, "field 'code' must be text, found int; the fields are task_id, text or prompt, code"),
        ({"test_list": [1]}, "field 'test_list' must be a list of texts, found list"),
        ({"test_list": ["assert double(1"]}, "field 'test_list' is not Python"),
        ({"test_list": ["for x in []: assert double(x)"]}, "field 'test_list' holds a statement that is no"),
        ({"task_id": 1.5}, "field 'task_id' must be text, found float"),
        ({"task_id": True}, "field 'task_id' must be text, found bool"),
        ({"test": "def check(f): pass"}, "field 'test' by its name changes the task"),
        (
            {"test_list": [rb"assert double('\ud800') == 1".decode("unicode-escape")]},
            "field 'test_list' ho",
        ),
    ],
)
def test_a_row_that_cannot_be_used_is_one_line(
    tmp_path: Path, changed: dict[str, object], message: str
) -> None:
    """File, line, field, what was found."""
    with pytest.raises(ConfigError, match=rf"^\S+, line 1: {message}") as caught:
        read_one(tmp_path, MBPP, **changed)

    assert "\n" not in str(caught.value)
