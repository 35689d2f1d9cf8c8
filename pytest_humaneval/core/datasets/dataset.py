"""The problems of a dataset, with its name and its content's hash."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from pytest_humaneval.core.problem import Problem

HUMANEVAL = "humaneval"
"""The name of the dataset that is used where none is named."""

# What names of datasets may hold, and dots.
_UNUSUAL = re.compile(r"[^\w.+-]")


@dataclass(frozen=True)
class Dataset:
    """The problems of a dataset file, in its order.

    Attributes:
        path: the file.
        sha256: SHA-256 (hex) of its uncompressed content.
        problems: its problems.
        name: what users call it: its registered name, or the file's name without endings.
    """

    path: Path
    sha256: str
    problems: tuple[Problem, ...]
    name: str = HUMANEVAL

    @cached_property
    def has_base_tests(self) -> bool:
        """Whether its problems have base tests and further ones, so that there are two scores."""
        return any(problem.has_base_tests for problem in self.problems)

    @cached_property
    def shows_tests(self) -> bool:
        """Whether prompts show the very tests that judge, as MBPP's do."""
        return any(problem.shows_test for problem in self.problems)

    def label(self, task_id: str) -> str:
        """Return a task id as item ids have it: ``mbpp+:Mbpp/2``, but ``HumanEval/0`` where it says all.

        The name stands before it unless the id begins with that very name, in capitals or not; characters
        that a shell or ``-k`` would not take are replaced in it.
        """
        if task_id.partition("/")[0].lower() == self.name.lower():
            return task_id
        return f"{_UNUSUAL.sub('_', self.name)}:{task_id}"
