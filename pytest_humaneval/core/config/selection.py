"""Select problems of datasets: ``17``, ``0-9,32``, ``HumanEval/17``, ``Mbpp/2`` or an entry point's name."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from difflib import get_close_matches

from pytest_humaneval.core.datasets.origin import DIGITS, number
from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.core.problem import Problem

_NUMBER = re.compile(DIGITS)
_RANGE = re.compile(rf"({_NUMBER.pattern})\s*-\s*({_NUMBER.pattern})")


def select(problems: Sequence[Problem], spec: str | None, max_problems: int | None) -> tuple[Problem, ...]:
    """Return the problems that ``spec`` names, in the dataset's order, at most ``max_problems`` of them.

    A number is the one at the end of a task id, so it mostly finds one problem: of an infilling task it is
    HumanEval's, and finds all gaps of that problem. An entry point's name may find several, since some occur
    twice.

    Raises:
        ConfigError: a part of the spec names no problem.
    """
    return select_each({"": problems}, spec, max_problems)[""]


def select_each(
    datasets: Mapping[str, Sequence[Problem]], spec: str | None, max_problems: int | None
) -> dict[str, tuple[Problem, ...]]:
    """Return what :func:`select` does for each of several datasets, by the names they have here.

    What a part of the spec names may be in one of them only; then the others have no problem of it.

    Raises:
        ConfigError: a part of the spec names no problem of any of them.
    """
    chosen = datasets if spec is None else _chosen(datasets, spec)
    return {name: tuple(problems[:max_problems]) for name, problems in chosen.items()}


def _chosen(datasets: Mapping[str, Sequence[Problem]], spec: str) -> dict[str, list[Problem]]:
    parts = [part.strip() for part in spec.split(",") if part.strip()]
    if not parts:
        raise ConfigError(
            f"--humaneval-tasks: {spec!r} names no problem; write for example 0-9,32 or HumanEval/17"
        )
    # Experiments on one dataset share its problems, which may be many.
    distinct = list({id(problems): problems for problems in datasets.values()}.values())
    for part in parts:
        _check(distinct, part)
    return {
        name: [problem for problem in problems if any(_matches(problem, part) for part in parts)]
        for name, problems in datasets.items()
    }


def _check(datasets: Sequence[Sequence[Problem]], part: str) -> None:
    """Raise ConfigError for a part that names no problem, or a range beyond the last one, in any dataset."""
    known = [problem for problems in datasets for problem in problems]
    _check_end(known, part)
    if any(_matches(problem, part) for problem in known):
        return
    names = [name for problem in known for name in (problem.task_id, problem.entry_point)]
    closest = get_close_matches(part, names, n=1)
    ids = ", and ".join(f"from {each[0].task_id} to {each[-1].task_id}" for each in datasets if each)
    hint = f"did you mean {closest[0]!r}?" if closest else f"the ids go {ids}"
    raise ConfigError(f"--humaneval-tasks: no problem is called {part!r}; {hint}")


def _check_end(problems: Sequence[Problem], part: str) -> None:
    """Raise ConfigError for a range that ends after the last problem: it would run fewer than it says."""
    numbers = (number(problem.task_id) for problem in problems)
    last = max((each for each in numbers if each is not None), default=0)
    if (bounds := _RANGE.fullmatch(part)) and int(bounds[1]) <= last < int(bounds[2]):
        raise ConfigError(
            f"--humaneval-tasks: {part!r} goes beyond the last problem, {last}; write {bounds[1]}-{last}"
        )


def _matches(problem: Problem, part: str) -> bool:
    if part in (problem.task_id, problem.entry_point):
        return True
    own = number(problem.task_id)
    if own is None:
        return False
    if bounds := _RANGE.fullmatch(part):
        return int(bounds[1]) <= own <= int(bounds[2])
    return _NUMBER.fullmatch(part) is not None and int(part) == own
