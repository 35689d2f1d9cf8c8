"""Statements that only use a solution are removed; those that it needs are kept."""

from __future__ import annotations

import pytest

from pytest_humaneval.core.extraction import STEPS
from pytest_humaneval.core.problem import Stub

STUB = Stub("def area(side):\n", "area")
AREA = "def area(side):\n    return side * FACTOR\n"


def pruned(program: str) -> str:
    """Return a program without its usage."""
    return STEPS["drop_usage"].apply(program, STUB)


@pytest.mark.parametrize(
    "needed",
    [
        "import sys\nsys.setrecursionlimit(10_000)\n",
        "FACTOR = 1\n",
        "FACTOR: int = 1\n",
        "FACTORS = [1]\nFACTORS.append(2)\nFACTOR = FACTORS[0]\n",
        "try:\n    from numpy import FACTOR\nexcept ImportError:\n    FACTOR = 1\n",
        "def fill():\n    global FACTOR\n    FACTOR = 1\nfill()\n",
        "class Table(dict):\n    pass\nFACTOR = Table()\nFACTOR[1] = 2\n",
        "if True:\n    FACTOR = 1\nelse:\n    FACTOR = 2\n",
        "for FACTOR in range(3):\n    pass\n",
    ],
)
def test_statements_that_the_solution_needs_are_kept(needed: str) -> None:
    """Before the definition, whatever kind of statement defines what it uses."""
    assert needed + AREA == pruned(needed + AREA)


@pytest.mark.parametrize(
    "usage",
    [
        "print(area(2))\n",
        "print(FACTOR)\n",
        "assert FACTOR == 2\n",
        "assert area(2) == 4\n",
        "result = area(2)\n",
        "area = area(2)\n",
        "for side in range(3):\n    print(area(side))\n",
        "def test():\n    assert area(2) == 5\ntest()\n",
        "if __name__ == '__main__':\n    area(2)\n",
        "import doctest\ndoctest.testmod()\n",
        "import missing\n",
        "Explanation\n",
        "with open('answers') as answers:\n    print(answers)\n",
        "def area(side):\n    pass\n",
        "while True:\n    input()\n",
        "exit()\n",
    ],
)
def test_statements_that_only_use_the_solution_are_removed(usage: str) -> None:
    """After the definition, whatever kind of statement uses it."""
    program = f"FACTOR = 1\n{AREA}"

    assert program == pruned(program + usage)


def test_statements_that_share_a_line_stay_together() -> None:
    """A line is never split."""
    program = f"FACTOR = 1; print(FACTOR)\n{AREA}"

    assert program == pruned(program + "print(area(1))\n")


def test_a_return_on_the_wrong_column_is_the_model_s_error() -> None:
    """Where the body may not have returned yet, a return after it cannot be taken for run-on."""
    program = "def area(side):\n    total = side * side\nreturn total\n"

    assert program == pruned(program)


def test_a_class_that_the_prompt_names_is_kept_wherever_it_stands() -> None:
    """MBPP's tests make objects of the answer's own classes, which its prompt shows in an assert."""
    stub = Stub('"""\nThe longest chain.\nassert longest([Pair(1, 2)]) == 1\n"""\n', "longest")
    longest = "def longest(pairs):\n    return len(pairs)\n"
    pair = "class Pair:\n    def __init__(self, a, b):\n        self.a = a\n"
    other = "class Other:\n    pass\n"

    assert STEPS["drop_usage"].apply(f"{longest}{pair}{other}", stub) == f"{longest}{pair}"
