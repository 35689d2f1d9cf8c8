"""The forms in which a model may say one and the same solution: each a function of problem and body.

A form keeps the behaviour: whatever wraps a right body is a right answer, whatever wraps a stub a wrong one.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable

from pytest_humaneval.core.records import Problem

Form = Callable[[Problem, str], str]

FORMS: dict[str, Form] = {}


def form(function: Form) -> Form:
    """Enter a form into the table under its function's name."""
    FORMS[function.__name__] = function
    return function


def fence(code: str, label: str = "python", mark: str = "```") -> str:
    """Return code in a Markdown fence."""
    return f"{mark}{label}\n{code.rstrip()}\n{mark}\n"


def whole(problem: Problem, body: str) -> str:
    """Return prompt and body."""
    return problem.prompt + body


def entry_only(problem: Problem, body: str) -> str:
    """Return the entry point's function alone, without the prompt's preamble."""
    code = whole(problem, body)
    return code[code.rindex(f"def {problem.entry_point}(") :]


def docstring_dropped(problem: Problem, body: str) -> str:
    """Return prompt and body without the entry point's docstring."""
    head, _, rest = problem.prompt.rpartition(f"def {problem.entry_point}(")
    signature = f"def {problem.entry_point}(" + rest[: re.search(r":[ \t]*\n", rest).end()]  # type: ignore[union-attr]
    return head + signature + body


def two_spaces(code: str) -> str:
    """Return code with its indentation halved."""
    return "\n".join(" " * ((len(line) - len(line.lstrip(" "))) // 2) + line.lstrip(" ") for line in code.split("\n"))


@form
def fenced_function(problem: Problem, body: str) -> str:  # noqa: D103
    return fence(whole(problem, body))


@form
def prose_fence_prose(problem: Problem, body: str) -> str:  # noqa: D103
    return f"Sure! Here's the function:\n\n{fence(whole(problem, body))}\nIt's simple (and quick)."


@form
def bare_function(problem: Problem, body: str) -> str:  # noqa: D103
    return whole(problem, body)


@form
def bare_body(problem: Problem, body: str) -> str:  # noqa: ARG001, D103
    return body


@form
def fenced_docstring_dropped(problem: Problem, body: str) -> str:  # noqa: D103
    return fence(docstring_dropped(problem, body))


@form
def fenced_entry_only(problem: Problem, body: str) -> str:  # noqa: D103
    return fence(entry_only(problem, body))


@form
def own_helper_above(problem: Problem, body: str) -> str:  # noqa: D103
    helper = f"def _answer{entry_only(problem, body)[len('def ' + problem.entry_point) :]}"
    call = f"def {problem.entry_point}(*args, **kwargs):\n    return _answer(*args, **kwargs)\n"
    preamble = problem.prompt[: problem.prompt.rindex(f"def {problem.entry_point}(")]
    return fence(f"{preamble}{helper}\n\n{call}")


@form
def own_import(problem: Problem, body: str) -> str:  # noqa: D103
    uses = f"import functools\nimport itertools as it\n\n\n{whole(problem, '    it.count(); functools.partial(int)' + chr(10) + body)}"
    return fence(uses)


@form
def usage_inside(problem: Problem, body: str) -> str:  # noqa: D103
    return fence(f"{whole(problem, body)}\n\n# Example usage\nprint({problem.entry_point}(None))")


@form
def second_fence_with_usage(problem: Problem, body: str) -> str:  # noqa: D103
    usage = fence(f"print({problem.entry_point}(None))\nassert {problem.entry_point}(1, 2, 3, 4, 5)")
    return f"{fence(whole(problem, body))}\n### Usage:\n\n{usage}"


@form
def reasoning_with_draft(problem: Problem, body: str) -> str:  # noqa: D103
    draft = fence(whole(problem, "    return 'draft'\n"))
    return f"<think>\nLet me try:\n{draft}\nNo, that's wrong.\n</think>\n\n{fence(whole(problem, body))}"


@form
def unclosed_fence(problem: Problem, body: str) -> str:  # noqa: D103
    return f"```python\n{whole(problem, body)}"


@form
def two_space_indent(problem: Problem, body: str) -> str:  # noqa: D103
    return fence(two_spaces(whole(problem, body)))


@form
def label_py(problem: Problem, body: str) -> str:  # noqa: D103
    return fence(whole(problem, body), "py")


@form
def body_inside_fence(problem: Problem, body: str) -> str:  # noqa: ARG001, D103
    return fence(textwrap.dedent(body))
