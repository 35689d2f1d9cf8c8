"""Signature, docstring and examples of prompts, as templates show them."""

from __future__ import annotations

import ast
import doctest

import pytest

from pytest_humaneval.core.datasets import read_problems
from pytest_humaneval.core.problem import Problem
from pytest_humaneval.core.prompt_parts import docstring, examples, signature

PROBLEMS = {problem.task_id: problem for problem in read_problems()}


def prompting(prompt: str, entry_point: str = "f") -> Problem:
    """Return a problem with this prompt."""
    return Problem("T/0", prompt, entry_point, "    pass\n", "")


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("import x\n\ndef f(a: int, *, b=1) -> str:\n    '''x'''\n", "def f(a: int, *, b=1) -> str:"),
        ("def f(\n    a,\n    b,\n):\n", "def f(\n    a,\n    b,\n):"),
        ('def f(a=":", b=lambda x: x, c={1: 2}[1:]):\n', 'def f(a=":", b=lambda x: x, c={1: 2}[1:]):'),
        ("def f(a):\n    return 1\n\ndef f(b):\n", "def f(b):"),
        ("def ff(a):\n    pass\nasync def f(b):\n", "async def f(b):"),
        ("class C:\n    def f(self):\n", "def f(self):"),
        ("def f(a", ""),
        ('"""Write f.\nassert f(1) == 2\n"""\n', ""),
    ],
)
def test_the_signature_is_the_header_as_it_stands(prompt: str, expected: str) -> None:
    """On however many lines, and whichever colons it has; none where the prompt does not define it."""
    assert signature(prompting(prompt)) == expected


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ('def f():\n    """One.\n\n      Two.\n    Three.\n    """\n', "One.\n\n  Two.\nThree."),
        ("def f():\n    # why\n\n    'x\\'y'\n", "x'y"),
        ("def f():\n    r'''a\\d'''\n", "a\\d"),
        ('def f():\n    """a \\d"""\n', "a \\d"),
        ('def f():\n    """cut he', ""),
        ("def f():\n    return 'x'\n", ""),
        ('"""Write f.\nassert f(1) == 2\n"""\n', "Write f.\nassert f(1) == 2"),
    ],
)
def test_the_docstring_is_its_text(prompt: str, expected: str) -> None:
    """Without quotes and indentation; of MBPP's prompts the whole task."""
    assert docstring(prompting(prompt)) == expected


def test_every_problem_has_the_docstring_that_python_sees() -> None:
    """But one, whose text stands behind an import, where Python does not see it and the task is."""
    for problem in PROBLEMS.values():
        tree = ast.parse(problem.prompt + problem.canonical_solution)
        functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
        seen = ast.get_docstring(functions[problem.entry_point])
        if problem.task_id == "HumanEval/115":
            assert seen is None
            assert docstring(problem).startswith("You are given a rectangular grid of wells.")
        else:
            assert docstring(problem) == seen


def test_the_examples_are_doctests_that_the_solutions_pass() -> None:
    """Whatever form the prompt has them in: doctest itself can run them."""
    runner = doctest.DocTestRunner(verbose=False)
    for task_id in ("HumanEval/0", "HumanEval/1", "HumanEval/32", "HumanEval/67", "HumanEval/161"):
        problem = PROBLEMS[task_id]
        names: dict[str, object] = {}
        exec(problem.prompt + problem.canonical_solution, names)  # noqa: S102 (the dataset's own)
        shown = doctest.DocTestParser().get_doctest(examples(problem), names, task_id, None, None)
        assert shown.examples
        runner.run(shown)
    assert runner.summarize(verbose=False).failed == 0


def test_an_exception_and_a_result_of_none_are_examples_too() -> None:
    """As a doctest shows them."""
    shown = examples(
        prompting(
            'def f(x):\n    """\n    >>> f(1)\n    >>> f(0)\n    Traceback (most recent call last):\n'
            '    ValueError: no\n    """\n'
        )
    )

    assert shown == ">>> f(1)\n>>> f(0)\nTraceback (most recent call last):\n    ...\nValueError"


def test_a_prompt_without_examples_has_none() -> None:
    """Then the text is empty."""
    assert examples(PROBLEMS["HumanEval/38"]) == ""
