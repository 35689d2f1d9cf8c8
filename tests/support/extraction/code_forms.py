"""Forms that differ in the code: indentation, definition of the entry point, text after it."""

from __future__ import annotations

import re
import textwrap

from pytest_humaneval.commands.answer_forms import (
    AnswerForm,
    entry_only,
    fence,
    split_prompt,
    tabs,
    two_spaces,
    whole,
    without_docstring,
)
from pytest_humaneval.core.problem import Problem


def _first_line(body: str, margin: str) -> str:
    return margin + body.lstrip()


def _answer_and(binding: str) -> AnswerForm:
    """Return a form that defines ``_answer`` and binds the entry point, NAME, with ``binding``."""

    def form(problem: Problem, body: str) -> str:
        preamble, _ = split_prompt(problem)
        bound = binding.replace("NAME", problem.entry_point)
        return fence(f"{preamble}{entry_only(problem, body, '_answer')}\n\n{bound}\n")

    return form


def _below(problem: Problem, body: str) -> str:
    preamble, _ = split_prompt(problem)
    call = f"def {problem.entry_point}(*args):\n    return _answer(*args)\n"
    return fence(f"{preamble}{call}\n\n{entry_only(problem, body, '_answer')}")


def _body_and_helper_below(problem: Problem, body: str) -> str:
    _, definition = split_prompt(problem)
    arguments = re.findall(
        r"(\w+)\s*(?::[^,()]*)?(?=[,)=])", definition[: definition.index("\n")].split("->")[0]
    )
    return f"    return _answer({', '.join(arguments)})\n\n\n{entry_only(problem, body, '_answer')}"


def _reworded(problem: Problem, body: str) -> str:
    code = without_docstring(problem, f'    """Mine."""\n{body}')
    return fence(re.sub(r"\) *->[^\n]*:\n", "):\n", code))


def _run_on(tail: str) -> AnswerForm:
    """Return a form of a body that runs on into ``tail``, NAME being the entry point's name."""
    return lambda problem, body: f"{body}\n\n{tail.replace('NAME', problem.entry_point)}"


def _ends_with(tail: str) -> AnswerForm:
    """Return a form of a fenced function with ``tail`` after it, NAME being the entry point's name."""
    return lambda problem, body: fence(
        f"{whole(problem, body)}\n\n{tail.replace('NAME', problem.entry_point)}"
    )


INDENTATION: dict[str, AnswerForm] = {
    "CRLF": lambda problem, body: fence(whole(problem, body)).replace("\n", "\r\n"),
    "CRLF body": lambda _, body: body.replace("\n", "\r\n"),
    "tabs": lambda problem, body: fence(tabs(whole(problem, body))),
    "body with tabs": lambda _, body: tabs(body),
    "body with 2 spaces": lambda _, body: two_spaces(body),
    "body with 8 spaces": lambda _, body: textwrap.indent(body, "    "),
    "unindented body": lambda _, body: textwrap.dedent(body),
    "first line stripped": lambda _, body: _first_line(body, ""),
    "first line short of a space": lambda _, body: _first_line(body, "   "),
    "fenced body, indented": lambda _, body: fence(body),
    "fenced body, first line stripped": lambda _, body: fence(_first_line(body, "")),
    "leading space": lambda problem, body: " " + whole(problem, body).lstrip(),
    "body after a line end": lambda _, body: "\n" + body,
}
"""Bodies and modules with lost or unusual indentation."""

PROSE: dict[str, AnswerForm] = {
    "prose, function, prose": lambda problem, body: (
        f"Here's the function (it's quick):\n\n{whole(problem, body)}\n\nI hope that it isn't wrong."
    ),
    "prose, indented function, prose": lambda problem, body: (
        f"The code:\n\n{textwrap.indent(whole(problem, body), '    ')}\n\nI hope it's right."
    ),
    "prose, then a body": lambda _, body: f"The body is:\n\n{body}\n",
    "body, then prose": lambda _, body: f"{body}\n\nThis isn't slow: it (only) takes n steps.\n",
    "prompt twice": lambda problem, body: f"{problem.prompt}\n\n{whole(problem, body)}",
    "instruction echoed": lambda problem, body: f"Complete this function.\n\n{whole(problem, body)}",
}
"""Code among prose, without a fence or tag."""

BINDINGS: dict[str, AnswerForm] = {
    "helper below": _below,
    "body with its helper below": _body_and_helper_below,
    "bound to another function": _answer_and("NAME = _answer"),
    "bound to a lambda": _answer_and("NAME = lambda *args: _answer(*args)"),
    "bound to a method": _answer_and(
        "class Solution:\n    def NAME(self, *args):\n        return _answer(*args)\n\n\n"
        "NAME = Solution().NAME"
    ),
    "wrapped by a decorator call": _answer_and(
        "def keep(f):\n    return lambda *args: f(*args)\n\n\n"
        "def NAME(*args):\n    return _answer(*args)\n\n\nNAME = keep(NAME)"
    ),
    "decorated": _answer_and(
        "def keep(f):\n    return lambda *args: f(*args)\n\n\n"
        "@keep\ndef NAME(*args):\n    return _answer(*args)"
    ),
    "state filled by statements": _answer_and(
        "STATE = []\nfor _ in range(3):\n    STATE.append(_answer)\nSTATE.reverse()\n\n\n"
        "def NAME(*args):\n    return STATE[1](*args)"
    ),
    "state filled below": _answer_and(
        "def NAME(*args):\n    return STATE['f'](*args)\n\n\nSTATE = {}\nSTATE['f'] = _answer\nprint(STATE)"
    ),
    "signature reworded": _reworded,
    "future import": lambda problem, body: fence(
        f"from __future__ import annotations\n\n{entry_only(problem, body)}"
    ),
}
"""Definitions of the entry point."""

_CLASS_OF_TESTS = (
    "import unittest\n\n\nclass Tests(unittest.TestCase):\n    def test_it(self):\n"
    "        self.assertEqual(NAME(), 1)\n\n\nunittest.main()"
)

RUN_ON: dict[str, AnswerForm] = {
    "next function": _run_on("def another(x):\n    return x\n\n\ndef third():\n    pass\n"),
    "prints": _run_on("print(NAME(1, 2, 3, 4, 5))\nprint(another)\n"),
    "wrong asserts": _run_on("assert NAME() == 1, 'wrong'\nresult = NAME()\nassert result\n"),
    "main guard": _run_on("if __name__ == '__main__':\n    raise SystemExit(NAME())\n"),
    "comments with tests": _run_on("# print(NAME(1))\n# -> 2\n#\n# It's done (\n"),
    "a function of tests": _run_on("def check_all():\n    assert NAME() == 1\n\n\ncheck_all()\n"),
    "a class of tests": _run_on(_CLASS_OF_TESTS),
    "broken tail": _run_on("def another(x):\n    for y in x"),
    "tail in an open string": _run_on('def another(x):\n    """Return\n\n    >>> another("'),
    "stray triple quotes": _run_on('NAME(3)\n"""\n\nBut wait, it isn\'t (quite.\n'),
    "a stub of itself": _run_on("def NAME(*args):\n    pass\n"),
    "an unfinished copy of itself": _run_on("def NAME(*args):\n    return (1,"),
    "closing fence and prose": _run_on("print(NAME())\n```\n\nThis function isn't slow.\n"),
    "chat about it": _run_on("```\nYou: thanks!\nBot: I'm glad (so glad.\n"),
    "import of what is not there": _run_on("import no_such_package\n\nno_such_package.run(NAME)\n"),
    "asks for input": _ends_with("n = int(input())\nwhile n:\n    n = input('?')\nprint(NAME(n))"),
    "exits": _ends_with("import sys\nsys.exit(NAME())\nexit()"),
    "its own name for a result": _ends_with("NAME = NAME(1)\nprint(NAME)"),
}
"""Text after the answer: base models continue with more code, chat models with usage and tests."""

CODE: dict[str, AnswerForm] = {**INDENTATION, **PROSE, **BINDINGS, **RUN_ON}
