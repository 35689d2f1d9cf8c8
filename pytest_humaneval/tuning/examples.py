r"""Training examples: from a file of prompts and solutions, or HumanEval itself without what is held out.

    {"task_id": "double", "prompt": "def double(x):\n    ...", "solution": "    return 2 * x\n"}

``task_id`` may be left out. In a user's file no line may hold a problem of HumanEval: a score on a problem
that was trained on means nothing, and only an explicit split keeps the two apart.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pytest_humaneval.core.config.selection import select
from pytest_humaneval.core.datasets import read_dataset
from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.core.problem import Problem
from pytest_humaneval.tuning.config import HUMANEVAL, TuningConfig

_LONG_ENOUGH = 40
"""From so many characters on, without white space, the same text is taken for a copy; a shorter one, such as
``return x + y``, may be a coincidence."""


@dataclass(frozen=True)
class Examples:
    """All examples, split; each is a problem whose canonical solution is the answer to be learned.

    Attributes:
        learned: those that the gradient comes from.
        validation: those whose loss decides which epoch is best.
        held_out: task ids of the dataset that training never sees; empty for a user's file.
    """

    learned: tuple[Problem, ...]
    validation: tuple[Problem, ...]
    held_out: tuple[str, ...] = ()

    @property
    def trained_on(self) -> tuple[str, ...]:
        """Task ids of the dataset that training sees; empty for a user's file."""
        return tuple(p.task_id for p in (*self.learned, *self.validation)) if self.held_out else ()

    @property
    def sha256(self) -> str:
        """SHA-256 (hex) over all examples and how they are split."""
        parts = (self.learned, self.validation)
        rows = [[(p.task_id, p.prompt, p.canonical_solution) for p in part] for part in parts]
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
        rows = [_answered(p, config) for p in problems if p.task_id not in held_out]
    else:
        rows = _read_file(seen_from / Path(config.data).expanduser())
    validation = round(config.validation * len(rows)) or 1
    if len(rows) - validation < 1:
        raise ConfigError(
            f"{config.data}: {len(rows)} examples are too few to learn from and to validate with"
        )
    generator.shuffle(rows)
    return Examples(tuple(rows[validation:]), tuple(rows[:validation]), held_out)


def _held_out(problems: Sequence[Problem], wanted: Any, generator: random.Random) -> tuple[str, ...]:  # noqa: ANN401
    if isinstance(wanted, str):
        try:
            return tuple(problem.task_id for problem in select(problems, wanted, None))
        except ConfigError as error:
            raise ConfigError(f"held_out, read as {error}") from error
    chosen = generator.sample(range(len(problems)), max(1, round(wanted * len(problems))))
    return tuple(problems[index].task_id for index in sorted(chosen))


def _answered(problem: Problem, config: TuningConfig) -> Problem:
    """Return a problem with its solution as a completion, or as a chat answer: whole, and in a fence."""
    whole = f"```python\n{problem.prompt}{problem.canonical_solution.rstrip()}\n```"
    return replace(problem, canonical_solution=whole) if config.api == "chat" else problem


def _read_file(path: Path) -> list[Problem]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ConfigError(f"{path}: the training data cannot be read ({reason})") from error
    known = {
        text: problem.task_id
        for problem in read_dataset().problems
        for text in map(_without_space, (problem.prompt, problem.canonical_solution))
        if len(text) >= _LONG_ENOUGH
    }
    rows: dict[str, Problem] = {}
    for number, line in enumerate(lines, start=1):
        if line.strip():
            where = f"{path}, line {number}"
            row = _row(line, where, number, known)
            if row.task_id in rows:
                raise ConfigError(f"{where}: task_id {row.task_id!r} stands there twice")
            rows[row.task_id] = row
    return list(rows.values())


def _row(line: str, where: str, number: int, known: Mapping[str, str]) -> Problem:
    try:
        row: Any = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{where}: not JSON ({error}); expected one example a line") from error
    if not isinstance(row, dict):
        raise ConfigError(f"{where}: found {type(row).__name__}, expected an object")
    values = [row.get("task_id", f"line {number}"), row.get("prompt"), row.get("solution")]
    for name, value in zip(("task_id", "prompt", "solution"), values, strict=True):
        if not isinstance(value, str) or not value.strip():
            raise ConfigError(f"{where}, {name}: found {value!r}, expected text that is not empty")
    task_id, prompt, solution = values
    text = _without_space(prompt + solution)
    if found := next((known[copy] for copy in known if copy in text), None):
        raise ConfigError(
            f"{where}: this is {found}; to train on HumanEval, write "
            f'data = "{HUMANEVAL}" and which problems are held out'
        )
    return Problem(task_id, prompt, "", solution, "")


def _without_space(text: str) -> str:
    return "".join(text.split())
