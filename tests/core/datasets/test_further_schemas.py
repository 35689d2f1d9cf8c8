"""Rows of HumanEvalFix and of infilling, and tests that cannot run where tests run."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.core.problem import Problem, Stub
from tests.support.dataset_rows import HUMANEVAL, read, read_one


def test_a_bug_to_be_repaired_is_read(tmp_path: Path) -> None:
    """The wrong solution continues the prompt; the test's own call of itself would be a second one."""
    test = "\ndef check(double):\n    assert double(1) == 2\n\ncheck(double)\n"

    problem = read_one(
        tmp_path, HUMANEVAL, task_id="Python/9", test=test, buggy_solution="    return x\n", example_test="a"
    )

    assert problem.buggy == "    return x\n"
    assert problem.task_id == "Python/9"
    assert problem.test.split() == ["def", "check(double):", "assert", "double(1)", "==", "2"]


def test_a_gap_to_be_filled_is_read(tmp_path: Path) -> None:
    """What follows it is a part of the task, which a model may see."""
    problem = read_one(tmp_path, HUMANEVAL, canonical_solution="    y = x\n", suffix="    return y + y\n")

    assert problem.suffix == "    return y + y\n"
    assert problem.stub == Stub("def double(x):\n", "double", "    return y + y\n")


def test_rows_of_several_schemas_may_be_in_one_file(tmp_path: Path) -> None:
    """Each is read by its own: the last line of a function has a gap with nothing behind it."""
    problems = read(
        tmp_path, {**HUMANEVAL, "suffix": "x"}, {**HUMANEVAL, "task_id": "HumanEval/901", "suffix": ""}
    )

    assert [problem.suffix for problem in problems] == ["x", ""]
    assert isinstance(problems[1], Problem)


@pytest.mark.parametrize("more", [{"suffix": "    return 1\n"}, {"buggy_solution": "    return 1\n"}])
def test_unread_fields_of_another_schema_are_refused(tmp_path: Path, more: dict[str, str]) -> None:
    """Whichever schema a row has."""
    with pytest.raises(ConfigError, match=r"line 1: field 'test_case_list' holds further tests"):
        read_one(tmp_path, HUMANEVAL, **more, test_case_list=["assert 1"])


@pytest.mark.parametrize(
    "test",
    [
        "import numpy as np\ndef check(candidate): pass\n",
        "def check(candidate):\n    from numpy.testing import assert_allclose\n",
        "import math\nif True:\n  import numpy\n",
    ],
)
def test_a_test_that_needs_a_library_is_refused(tmp_path: Path, test: str) -> None:
    """It would fail for every candidate, and blame them: one line says which file to use instead."""
    with pytest.raises(ConfigError, match=r"line 1: the test imports 'numpy', .*HumanEvalPlus\.jsonl"):
        read_one(tmp_path, HUMANEVAL, test=test)


@pytest.mark.parametrize(
    "test",
    [
        "import math, os.path\ndef check(candidate):\n    from random import random\n",
        "try:\n    import numpy\nexcept ImportError:\n    pass\n",
        'text = """\nimport numpy\n"""\n',
        "import numpy as\n",
    ],
)
def test_a_test_that_does_without_is_read(tmp_path: Path, test: str) -> None:
    """The standard library, a text, what may be missing; and what is no Python is for the judge to say."""
    assert read_one(tmp_path, HUMANEVAL, test=test).test == test
