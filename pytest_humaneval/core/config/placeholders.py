"""Placeholders: the places of a prompt's template where a problem's own texts go.

They are replaced as plain text and all at once, so neither braces in a template nor a placeholder's name in a
problem's text means anything else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from pytest_humaneval.core.problem import Problem
from pytest_humaneval.core.prompt_ending import PromptTail, with_tail

_Value = Callable[[Problem, PromptTail], str]

_VALUES: Mapping[str, _Value] = {
    "problem": lambda problem, tail: with_tail(problem.prompt, tail),
    "entry_point": lambda problem, _: problem.entry_point,
    # A function with a bug is shown whole: its body alone would not say what it should do.
    "buggy": lambda problem, tail: with_tail(problem.prompt + problem.buggy, tail),
    "prefix": lambda problem, tail: with_tail(problem.prompt, tail),
    "suffix": lambda problem, _: problem.suffix,
}
_PLACEHOLDER = re.compile(rf"\{{({'|'.join(_VALUES)})\}}")
_TASKS = ("problem", "buggy", "prefix")
_REPEATABLE = ("entry_point",)


@dataclass(frozen=True)
class _Part:
    """A part of the task that only some datasets have.

    Attributes:
        of: returns a problem's text for it; empty if it has none.
        meaning: what it is.
        dataset: the name of a dataset that has it.
        strategies: shipped strategies that show it.
    """

    of: Callable[[Problem], str]
    meaning: str
    dataset: str
    strategies: str


_PARTS: Mapping[str, _Part] = {
    "buggy": _Part(
        of=lambda problem: problem.buggy,
        meaning="a function to be repaired",
        dataset="humanevalfix",
        strategies="chat/humanevalfix",
    ),
    "suffix": _Part(
        of=lambda problem: problem.suffix,
        meaning="the text after a gap",
        dataset="infilling",
        strategies="completion/fim_qwen or chat/infilling",
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
    found = _PLACEHOLDER.findall(template)
    if not set(found) & set(_TASKS):
        return (
            "the placeholder {problem} occurs 0 times; write it exactly once, where the problem's prompt "
            "goes, or {buggy} or {prefix} in its place"
        )
    for name in dict.fromkeys(found):
        if (count := found.count(name)) > 1 and name not in _REPEATABLE:
            return f"the placeholder {{{name}}} occurs {count} times; write it exactly once"
    if {"problem", "prefix"} <= set(found):
        return "{problem} and {prefix} are the same text; keep one of them"
    return None


def misfit(template: str, problems: Iterable[Problem]) -> str | None:
    """Return why a template cannot put the task of a dataset's problems; None if it can.

    It would ask for something that none of them has, or leave out what the task of some of them is about.
    """
    known = tuple(problems)
    found = set(_PLACEHOLDER.findall(template))
    for name, part in _PARTS.items():
        has = any(part.of(problem) for problem in known)
        if name in found and not has:
            return (
                f"its template asks for {{{name}}}, {part.meaning}, which no problem has; "
                f'take a dataset such as "{part.dataset}", or another strategy'
            )
        if has and name not in found:
            return (
                f"its template lacks {{{name}}}, {part.meaning}, so the model would not be told its task; "
                f"take a strategy that has it, such as {part.strategies}"
            )
    return None
