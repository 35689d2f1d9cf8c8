"""Placeholders: the places of a prompt's template where a problem's own texts go.

They are replaced as plain text and all at once, so neither braces in a template nor a placeholder's name in a
problem's text means anything else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from pytest_humaneval.core import prompt_parts
from pytest_humaneval.core.problem import Problem
from pytest_humaneval.core.prompt_ending import PromptTail, with_tail

_Value = Callable[[Problem, PromptTail], str]

_VALUES: Mapping[str, _Value] = {
    "problem": lambda problem, tail: with_tail(problem.prompt, tail),
    "entry_point": lambda problem, _: problem.entry_point,
    "signature": lambda problem, _: prompt_parts.signature(problem),
    "docstring": lambda problem, _: prompt_parts.docstring(problem),
    "examples": lambda problem, _: prompt_parts.examples(problem),
    # A function with a bug is shown whole: its body alone would not say what it should do.
    "buggy": lambda problem, tail: with_tail(problem.prompt + problem.buggy, tail),
    "prefix": lambda problem, tail: with_tail(problem.prompt, tail),
    "suffix": lambda problem, _: problem.suffix,
}
PLACEHOLDERS: Mapping[str, str] = {
    "problem": "The prompt: what is to be continued.",
    "entry_point": "The name of the function.",
    "signature": "The function's header as it stands, such as `def f(x: int) -> int:`. MBPP has none.",
    "docstring": "The text of the function's docstring, without its indentation; for MBPP the whole "
    "prompt's.",
    "examples": "The calls with results that the prompt shows, whatever their form, as doctests. Empty "
    "where it shows none.",
    "buggy": "HumanEvalFix: the whole function with its bug.",
    "prefix": "Infilling: what stands before the gap; the same text as `{problem}`.",
    "suffix": "Infilling: what stands after the gap.",
}
"""What each placeholder stands for."""

_PLACEHOLDER = re.compile(rf"\{{({'|'.join(_VALUES)})\}}")
_TASKS = ("problem", "buggy", "prefix", "docstring")


@dataclass(frozen=True)
class _Part:
    """A part of the task that only some problems have.

    Attributes:
        of: returns a problem's text for it; empty if it has none.
        meaning: what it is.
        instead: what to take where it is missing.
        strategies: shipped strategies that show it, where the task cannot be put without it; else empty.
        is_every_problem_s: whether each problem must have it, not only some.
    """

    of: Callable[[Problem], str]
    meaning: str
    instead: str
    strategies: str = ""
    is_every_problem_s: bool = False


_PARTS: Mapping[str, _Part] = {
    "buggy": _Part(
        of=lambda problem: problem.buggy,
        meaning="a function to be repaired",
        instead='a dataset such as "humanevalfix"',
        strategies="chat/humanevalfix",
    ),
    "suffix": _Part(
        of=lambda problem: problem.suffix,
        meaning="the text after a gap",
        instead='a dataset such as "infilling"',
        strategies="completion/fim_qwen or chat/infilling",
    ),
    "signature": _Part(
        of=prompt_parts.signature,
        meaning="the function's header",
        instead='a dataset such as "humaneval"',
        is_every_problem_s=True,
    ),
    "docstring": _Part(
        of=prompt_parts.docstring,
        meaning="the text of a docstring",
        instead='a dataset such as "humaneval"',
        is_every_problem_s=True,
    ),
    "examples": _Part(
        of=prompt_parts.examples,
        meaning="calls with their results in the prompt",
        instead='a dataset such as "humaneval"',
    ),
}


def render(template: str, problem: Problem, tail: PromptTail = "keep") -> str:
    """Return a template with every placeholder replaced by the problem's text.

    Args:
        template: the template.
        problem: the problem.
        tail: how the problem's prompt ends, and the function to be repaired.
    """
    # Not str.format or string.Template: few-shot examples are code, full of braces and dollars.
    return _PLACEHOLDER.sub(lambda found: _VALUES[found[1]](problem, tail), template)


def template_mistake(template: str) -> str | None:
    """Return what is wrong with a template's placeholders, and what to write instead; None if nothing is."""
    if set(_PLACEHOLDER.findall(template)) & set(_TASKS):
        return None
    return (
        "the placeholder {problem} occurs 0 times; write it where the problem's prompt goes, or {buggy}, "
        "{prefix} or {docstring} in its place"
    )


def misfit(template: str, problems: Iterable[Problem]) -> str | None:
    """Return why a template cannot put the task of a dataset's problems; None if it can.

    It would ask for something that none of them has, or that one of them lacks which each needs, or leave out
    what the task of some of them is about.
    """
    known = tuple(problems)
    found = set(_PLACEHOLDER.findall(template))
    for name, part in _PARTS.items():
        if name in found and (without := _without(part, known)):
            return (
                f"its template asks for {{{name}}}, {part.meaning}, which {without}; "
                f"take {part.instead}, or another strategy"
            )
        if name not in found and part.strategies and any(map(part.of, known)):
            return (
                f"its template lacks {{{name}}}, {part.meaning}, so the model would not be told its task; "
                f"take a strategy that has it, such as {part.strategies}"
            )
    return None


def _without(part: _Part, problems: tuple[Problem, ...]) -> str | None:
    """Return in words which problems lack a part, if too many do."""
    lacking = [problem.task_id for problem in problems if not part.of(problem)]
    if len(lacking) == len(problems):
        return "no problem has"
    if not lacking or not part.is_every_problem_s:
        return None
    return f"{lacking[0]} lacks" if len(lacking) == 1 else f"{len(lacking)} problems lack, {lacking[0]} first"
