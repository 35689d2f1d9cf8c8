"""Fifteen forms of an answer to compare harnesses by, and functions to make further forms.

A form writes a problem's solution, given as a function body, as a model might answer. It keeps the behaviour:
with a right body it is a right answer, with a stub a wrong one.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable

from pytest_humaneval.core.problem import Problem

AnswerForm = Callable[[Problem, str], str]


def fence(code: str, label: str = "python", mark: str = "```") -> str:
    """Return code in a Markdown fence."""
    return f"{mark}{label}\n{code.rstrip()}\n{mark}\n"


def whole(problem: Problem, body: str) -> str:
    """Return the prompt followed by the body."""
    return problem.prompt + body


def split_prompt(problem: Problem) -> tuple[str, str]:
    """Return a prompt's preamble, and the entry point's signature with its docstring."""
    # The last one: a docstring or helper of the preamble may mention the name, but nothing follows the entry
    # point.
    start = problem.prompt.rindex(f"def {problem.entry_point}(")
    return problem.prompt[:start], problem.prompt[start:]


def entry_only(problem: Problem, body: str, name: str | None = None) -> str:
    """Return the entry point's function without the prompt's preamble, renamed to ``name`` if given."""
    _, definition = split_prompt(problem)
    code = definition + body
    return code if name is None else re.sub(rf"\b{problem.entry_point}\b", name, code)


def without_docstring(problem: Problem, body: str) -> str:
    """Return the entry point's function with its signature only."""
    preamble, definition = split_prompt(problem)
    signature = re.match(r"def .*?:[ \t]*\n", definition, re.DOTALL)
    return preamble + (signature.group() if signature else definition) + body


def two_spaces(code: str) -> str:
    """Return code with its indentation halved."""
    return _reindented(code, lambda margin: " " * (margin // 2))


def tabs(code: str) -> str:
    """Return code indented with tabs."""
    return _reindented(code, lambda margin: "\t" * (margin // 4) + " " * (margin % 4))


def _reindented(code: str, margin: Callable[[int], str]) -> str:
    lines = ((line, line.lstrip(" ")) for line in code.split("\n"))
    return "\n".join(margin(len(line) - len(bare)) + bare for line, bare in lines)


def _own_helper(problem: Problem, body: str) -> str:
    preamble, _ = split_prompt(problem)
    call = f"def {problem.entry_point}(*args):\n    return _answer(*args)"
    return fence(f"{preamble}{entry_only(problem, body, '_answer')}\n\n{call}")


def _own_import(problem: Problem, body: str) -> str:
    # chr(10): before Python 3.12 an f-string's expressions cannot contain a backslash.
    return fence(f"import itertools as it\n\n\n{whole(problem, '    it.count()' + chr(10) + body)}")


def _usage_inside(problem: Problem, body: str) -> str:
    return fence(f"{whole(problem, body)}\n\n# Example usage\nprint({problem.entry_point}(None))")


def _second_fence_with_usage(problem: Problem, body: str) -> str:
    usage = fence(f"print({problem.entry_point}(None))\nassert {problem.entry_point}() == 1")
    return f"{fence(whole(problem, body))}\n### Usage:\n\n{usage}"


def _reasoning_with_draft(problem: Problem, body: str) -> str:
    draft = fence(whole(problem, "    return 'draft'\n"))
    return f"<think>\nLet me try:\n{draft}\nNo, that's wrong.\n</think>\n\n{fence(whole(problem, body))}"


FIFTEEN: dict[str, AnswerForm] = {
    "fenced full function": lambda problem, body: fence(whole(problem, body)),
    "prose, fence, prose": lambda problem, body: (
        f"Sure! Here's the function:\n\n{fence(whole(problem, body))}\nIt's simple (and quick)."
    ),
    "full function, no fence": whole,
    "body only, no fence": lambda _, body: body,
    "fenced, docstring dropped": lambda problem, body: fence(without_docstring(problem, body)),
    "fenced, entry function only": lambda problem, body: fence(entry_only(problem, body)),
    "own helper above": _own_helper,
    "own module-level import": _own_import,
    "usage inside the fence": _usage_inside,
    "second fence with usage": _second_fence_with_usage,
    "reasoning with a draft": _reasoning_with_draft,
    "unclosed fence": lambda problem, body: f"```python\n{whole(problem, body)}",
    "2-space indent": lambda problem, body: fence(two_spaces(whole(problem, body))),
    "label py": lambda problem, body: fence(whole(problem, body), "py"),
    "body only inside a fence": lambda _, body: fence(textwrap.dedent(body)),
}
"""The forms by name."""
