"""The schemas of dataset files, and which of them a row has: its fields show that."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from pytest_humaneval.core.datasets import evalplus, humaneval, mbpp
from pytest_humaneval.core.datasets.fields import check_fields
from pytest_humaneval.core.datasets.humanevalfix import read_humanevalfix
from pytest_humaneval.core.datasets.infilling import read_infilling
from pytest_humaneval.core.datasets.row import Row
from pytest_humaneval.core.problem import Problem


class _Schema(NamedTuple):
    """One schema.

    Attributes:
        marks: fields of which one, not empty, shows that a row has this schema.
        read: reads a row.
        fields: the fields that a row must have.
        known: further fields that change the task by their names; they are read, or need not be.
    """

    marks: tuple[str, ...]
    read: Callable[[Row], Problem]
    fields: tuple[str, ...]
    known: frozenset[str]


# In this order: HumanEval+ has HumanEval's "test", too, which makes its base tests alone.
_SCHEMAS = (
    _Schema(
        ("base_input", "plus_input"),
        evalplus.read_evalplus,
        evalplus.FIELDS,
        frozenset({"base_input", "plus_input", "atol", "contract", "assertion", "test"}),
    ),
    _Schema(
        ("test_list",),
        mbpp.read_mbpp,
        mbpp.FIELDS,
        frozenset({"test_list", "test_setup_code", "test_imports", "challenge_test_list"}),
    ),
    _Schema(
        ("buggy_solution",),
        read_humanevalfix,
        (*humaneval.FIELDS, "buggy_solution"),
        # The docstring's examples as assertions, which "test" contains too.
        frozenset({"test", "example_test"}),
    ),
    _Schema(("suffix",), read_infilling, (*humaneval.FIELDS, "suffix"), frozenset({"test", "suffix"})),
)
_HUMANEVAL = _Schema((), humaneval.read_humaneval, humaneval.FIELDS, frozenset({"test", "example_test"}))


def read_row(values: Mapping[str, Any], where: str) -> Problem:
    """Return the problem of a row, read by the schema that it has.

    Args:
        values: the row's values by field.
        where: file and line, for messages.

    Raises:
        ConfigError: a field is not as it must be, or one that nobody reads changes the task.
    """
    schema = next((each for each in _SCHEMAS if any(map(values.get, each.marks))), _HUMANEVAL)
    check_fields(values, where, schema.known)
    return schema.read(Row(values, where, schema.fields))
