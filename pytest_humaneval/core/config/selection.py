"""Select problems of a dataset: ``17``, ``0-9,32``, ``HumanEval/17`` or an entry point's name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import get_close_matches

from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.core.problem import Problem

# At most 18 digits: int() raises ValueError for more than 4300 (CPython's limit against slow conversions).
_NUMBER = re.compile(r"\d{1,18}")
_RANGE = re.compile(rf"({_NUMBER.pattern})\s*-\s*({_NUMBER.pattern})")


def select(problems: Sequence[Problem], spec: str | None, max_problems: int | None) -> tuple[Problem, ...]:
    """Return the problems that ``spec`` names, in the dataset's order, at most ``max_problems`` of them.

    A number is the one at the end of a task id, so it finds exactly one problem; an entry point's name may
    find several, since some occur twice.

    Raises:
        ConfigError: a part of the spec names no problem.
    """
    chosen = problems if spec is None else _chosen(problems, spec)
    return tuple(chosen if max_problems is None else chosen[:max_problems])


def _chosen(problems: Sequence[Problem], spec: str) -> list[Problem]:
    wanted: set[str] = set()
    for part in filter(None, (part.strip() for part in spec.split(","))):
        wanted.update(_task_ids(problems, part))
    if not wanted:
        raise ConfigError(
            f"--humaneval-tasks: {spec!r} names no problem; write for example 0-9,32 or HumanEval/17"
        )
    return [problem for problem in problems if problem.task_id in wanted]


def _task_ids(problems: Sequence[Problem], part: str) -> list[str]:
    _check_end(problems, part)
    found = [problem.task_id for problem in problems if _matches(problem, part)]
    if not found:
        names = [name for problem in problems for name in (problem.task_id, problem.entry_point)]
        closest = get_close_matches(part, names, n=1)
        hint = f"did you mean {closest[0]!r}?" if closest else f"the ids go from {names[0]} to {names[-2]}"
        raise ConfigError(f"--humaneval-tasks: no problem is called {part!r}; {hint}")
    return found


def _check_end(problems: Sequence[Problem], part: str) -> None:
    """Raise ConfigError for a range that ends after the last problem: it would run fewer than it says."""
    last = max(
        (number for problem in problems if (number := _number(problem.task_id)) is not None), default=0
    )
    if (bounds := _RANGE.fullmatch(part)) and int(bounds[1]) <= last < int(bounds[2]):
        raise ConfigError(
            f"--humaneval-tasks: {part!r} goes beyond the last problem, {last}; write {bounds[1]}-{last}"
        )


def _matches(problem: Problem, part: str) -> bool:
    if part in (problem.task_id, problem.entry_point):
        return True
    number = _number(problem.task_id)
    if number is None:
        return False
    if bounds := _RANGE.fullmatch(part):
        return int(bounds[1]) <= number <= int(bounds[2])
    return _NUMBER.fullmatch(part) is not None and int(part) == number


def _number(task_id: str) -> int | None:
    tail = task_id.rpartition("/")[2]
    return int(tail) if _NUMBER.fullmatch(tail) else None
