"""The examples that prompts show: every form, and what all of HumanEval holds."""

from __future__ import annotations

from typing import Any

import pytest

from pytest_humaneval.core.datasets import read_problems
from pytest_humaneval.core.problem import Problem, Stub
from pytest_humaneval.core.selection.examples import Example, read_examples

FORMS = {
    "doctest": (">>> f(1, 'a')\n    [1, 2]", Example((1, "a"), [1, 2])),
    "doctest over several lines": (">>> f([1])\n    [1,\n     2]", Example(([1],), [1, 2])),
    "doctest of nothing": (">>> f([])\n\n    >>> g(1)", Example(([],), None)),
    "doctest with a comment": (">>> f(1) # as 1 is odd\n    2", Example((1,), 2)),
    "doctest of an exception": (
        ">>> f(0)\n    Traceback (most recent call last):\n    ValueError: no zero",
        Example((0,), raises="ValueError"),
    ),
    "doctest of a rounded result": (">>> round(f(1), 2)\n    0.5", Example((1,), 0.5, digits=2)),
    "doctest of a comparison": (">>> f(1) == 2", Example((1,), 2)),
    "equals": ("f(1) == None", Example((1,), None)),
    "one sign": ('f("1") = "2"', Example(("1",), "2")),
    "thin arrow": ("* f(1) -> [2, 3]", Example((1,), [2, 3])),
    "thick arrow": ("f(1) => true", Example((1,), True)),
    "long arrow": ("f(1)==>-2", Example((1,), -2)),
    "arrow in one character": ("f([1, 2]) ➞ False ", Example(([1, 2],), False)),
    "returns": ("f('Hi') returns 'hi' # small", Example(("Hi",), "hi")),
    "in a comment": ('f(15)   # returns "db"', Example((15,), "db")),
    "should return": ("f(1) should\n    return 15.", Example((1,), 15)),
    "arguments over several lines": ("f([\n      1,\n      2\n    ], 1) == [1]", Example(([1, 2], 1), [1])),
    "a sum": ("f(19) -> 19 - 5 - 6 = 8", Example((19,), 8)),
    "a keyword of prose": ("For n = 3 the output should be (1, 2)", Example((3,), (1, 2))),
    "input and output": ("Input: n = 5\n    Output: 1\n    Explanation: one", Example((5,), 1)),
    "input without a name": ("Input: [4,2]\n    Output: [2, 1]", Example(([4, 2],), [2, 1])),
    "an assignment": ("n = [1]\n      -> sort -> [1]\n    return ['One']", Example(([1],), ["One"])),
    "words without quotes": ("f(word) => True", Example(("word",), True)),
    "another name": ("g([1, 2]) ==> 3", Example(([1, 2],), 3)),
}
NO_EXAMPLES = {
    "the name of a parameter": "f(n) => True",
    "names for arguments": "f(n) == f(n - 1) + f(n - 2)",
    "a result in words": "f(1) returns the number",
    "a broken text": 'f(["a"]) == ""a"',
    "a call in a sentence": "f(1) is easy, f(2) is not",
    "other parameters": "For k = 3 the output should be 5",
}


def stub_with(text: str) -> Stub:
    """The stub of a function of one parameter whose docstring is the text."""
    return Stub(f'def f(n):\n    """Does it.\n\n    {text}\n    """\n', "f")


@pytest.mark.parametrize(("text", "example"), FORMS.values(), ids=FORMS)
def test_every_form_is_read(text: str, example: Example) -> None:
    """A call with what it returns, in the forms in which prompts write it."""
    assert example in read_examples(stub_with(text))


@pytest.mark.parametrize("text", NO_EXAMPLES.values(), ids=NO_EXAMPLES)
def test_what_is_no_plain_data_is_no_example(text: str) -> None:
    """Nothing is guessed: a call whose arguments or result are not plain data is left out."""
    assert read_examples(stub_with(text)) == ()


def test_an_assertion_of_mbpp_is_an_example() -> None:
    """A prompt that is a docstring with assertions shows calls, too."""
    stub = Stub('"""\nAdd the numbers.\nassert f([1, 2],(3,)) == 6\n"""\n', "f")

    assert read_examples(stub) == (Example(([1, 2], (3,)), 6),)


def test_what_follows_a_comma_in_an_assertion_is_its_message() -> None:
    """Python reads it so; the result ends before it, unless it is in parentheses."""
    stub = Stub('"""\nCount.\nassert f([1]) == 1,2\nassert f([2]) == (1,2)\nassert f(x) == 1\n"""\n', "f")

    assert read_examples(stub) == (Example(([1],), 1), Example(([2],), (1, 2)))


def test_examples_of_helpers_are_not_the_function_s() -> None:
    """A helper that stands before the function has a docstring of its own."""
    helper = 'def g(n):\n    """\n    >>> g(1)\n    2\n    """\n    return n\n'
    stub = Stub(f'{helper}\n\ndef f(n):\n    """Does it."""\n', "f")

    assert read_examples(stub) == ()


def result_of(problem: Problem, example: Example) -> object:
    """What the dataset's own solution returns for an example."""
    namespace: dict[str, Any] = {}
    exec(problem.prompt + problem.canonical_solution, namespace)  # noqa: S102 -- the dataset's own text
    result = namespace[problem.entry_point](*example.arguments)
    return result if example.digits is None else round(result, example.digits)


def test_all_of_humaneval() -> None:
    """159 of its prompts hold 463 examples; 8 of these contradict the dataset's own solution."""
    examples = [(problem, each) for problem in read_problems() for each in read_examples(problem.stub)]

    wrong = [problem.task_id for problem, each in examples if result_of(problem, each) != each.expected]

    assert len({problem.task_id for problem, _ in examples}) == 159
    assert len(examples) == 463
    # The solutions return 8.0 there, numbers in another order, a list, a tuple.
    assert [number.rpartition("/")[2] for number in wrong] == ["47", *["116"] * 3, *["130"] * 3, "148"]


def test_reading_is_blind_to_names() -> None:
    """Another name of the function changes nothing: no example is known by its problem."""
    problem = next(each for each in read_problems() if each.task_id == "HumanEval/69")
    renamed = Stub(problem.prompt.replace("search", "zzz"), "zzz")

    assert read_examples(renamed) == read_examples(problem.stub)
    assert len(read_examples(renamed)) == 3
