r"""Training examples: from a file of prompts and solutions, or HumanEval itself without what is held out.

    {"task_id": "double", "prompt": "def double(x):\n    ...", "solution": "    return 2 * x\n"}

``task_id`` may be left out. In a user's file no line may hold a problem of HumanEval: a score on a problem
that was trained on means nothing, and only an explicit split keeps the two apart.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pytest_humaneval.core.config.selection import select
from pytest_humaneval.core.datasets import read_dataset
from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.core.problem import Problem
from pytest_humaneval.core.records import Api
from pytest_humaneval.tuning.config import HUMANEVAL, TuningConfig

_LONG_ENOUGH = 40
"""From so many characters on, without white space, the same text is taken for a copy; a shorter one, such as
``return x + y``, may be a coincidence."""


@dataclass(frozen=True)
class Example:
    """A problem's prompt, and the answer to be learned."""

    task_id: str
    prompt: str
    solution: str

    @property
    def problem(self) -> Problem:
        """The example as a problem, so that it is rendered as problems are."""
        return Problem(self.task_id, self.prompt, "", self.solution, "")


@dataclass(frozen=True)
class Examples:
    """All examples, split.

    Attributes:
        learned: those that the gradient comes from.
        validation: those whose loss decides which checkpoint is best.
        held_out: task ids of the dataset that training never sees; empty for a user's file.
    """

    learned: tuple[Example, ...]
    validation: tuple[Example, ...]
    held_out: tuple[str, ...] = ()

    @property
    def trained_on(self) -> tuple[str, ...]:
        """Task ids of the dataset that training sees; empty for a user's file."""
        return (
            tuple(example.task_id for example in (*self.learned, *self.validation)) if self.held_out else ()
        )

    @property
    def sha256(self) -> str:
        """SHA-256 (hex) over all examples and how they are split."""
        rows = [[(e.task_id, e.prompt, e.solution) for e in part] for part in (self.learned, self.validation)]
        return hashlib.sha256(json.dumps([rows, self.held_out]).encode()).hexdigest()


def read_examples(config: TuningConfig, seen_from: Path) -> Examples:
    """Return the examples that a configuration names, split by its seed.

    Raises:
        ConfigError: they cannot be read, are too few, or are HumanEval's problems in a user's file.
    """
    generator = random.Random(config.seed)  # noqa: S311 (no secret)
    held_out: tuple[str, ...] = ()
    if config.data == HUMANEVAL:
        problems = read_dataset().problems
        held_out = _held_out(problems, config.held_out, generator)
        kept = [problem for problem in problems if problem.task_id not in set(held_out)]
        rows = [Example(p.task_id, p.prompt, _answer(p, config.api)) for p in kept]
    else:
        path = seen_from / Path(config.data).expanduser()
        rows = list(_read_file(path))
    validation = round(config.validation * len(rows)) or 1
    if len(rows) - validation < 1:
        raise ConfigError(
            f"{config.data}: {len(rows)} examples are too few to learn from and to validate with"
        )
    generator.shuffle(rows)
    return Examples(tuple(rows[validation:]), tuple(rows[:validation]), held_out)


def _held_out(
    problems: Sequence[Problem], wanted: str | float | None, generator: random.Random
) -> tuple[str, ...]:
    if isinstance(wanted, str):
        try:
            return tuple(problem.task_id for problem in select(problems, wanted, None))
        except ConfigError as error:
            raise ConfigError(f"held_out, read as {error}") from error
    count = max(1, round((wanted or 0) * len(problems)))
    chosen = set(generator.sample([problem.task_id for problem in problems], count))
    return tuple(problem.task_id for problem in problems if problem.task_id in chosen)


def _answer(problem: Problem, api: Api) -> str:
    """Return a problem's solution in the form of a completion, or of a chat answer: whole, and in a fence."""
    if api == "completion":
        return problem.canonical_solution
    return f"```python\n{problem.prompt}{problem.canonical_solution.rstrip()}\n```"


def _read_file(path: Path) -> Iterator[Example]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ConfigError(f"{path}: the training data cannot be read ({reason})") from error
    known = _KnownTexts(read_dataset().problems)
    task_ids: set[str] = set()
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        example = _example(line, f"{path}, line {number}", number)
        if example.task_id in task_ids:
            raise ConfigError(f"{path}, line {number}: task_id {example.task_id!r} stands there twice")
        task_ids.add(example.task_id)
        if found := known.problem_in(example):
            raise ConfigError(
                f"{path}, line {number}: this is {found}; to train on HumanEval, write "
                f'data = "{HUMANEVAL}" and which problems are held out'
            )
        yield example


def _example(line: str, where: str, number: int) -> Example:
    try:
        row: Any = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{where}: not JSON ({error}); expected one example a line") from error
    if not isinstance(row, dict):
        raise ConfigError(f"{where}: found {type(row).__name__}, expected an object")
    task_id = row.get("task_id", f"line {number}")
    fields = {"task_id": task_id, "prompt": row.get("prompt"), "solution": row.get("solution")}
    for name, value in fields.items():
        if not isinstance(value, str) or not value.strip():
            raise ConfigError(f"{where}, {name}: found {value!r}, expected text that is not empty")
    return Example(**fields)


class _KnownTexts:
    """HumanEval's prompts and solutions, to find copies of them, whatever their white space."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        texts = [
            (p.task_id, _without_space(text)) for p in problems for text in (p.prompt, p.canonical_solution)
        ]
        self._texts = [(task_id, text) for task_id, text in texts if len(text) >= _LONG_ENOUGH]

    def problem_in(self, example: Example) -> str | None:
        """Return the task id of a problem whose prompt or solution is in an example; None if none is."""
        text = _without_space(example.prompt + example.solution)
        return next((task_id for task_id, known in self._texts if known in text), None)


def _without_space(text: str) -> str:
    return "".join(text.split())
