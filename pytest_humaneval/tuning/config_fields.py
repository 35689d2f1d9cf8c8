"""Fields of a dataclass that is read from a TOML file: each has its rule in its metadata, as ``rule``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, field
from math import inf
from typing import Any

from pytest_humaneval.core.config import experiment_keys
from pytest_humaneval.core.config.toml_schema import Rule


def ruled(rule: Rule, default: Any = MISSING) -> Any:
    """Return a field with this rule; without a default it must be given."""
    return field(default=default, metadata={"rule": rule})


def text(expected: str, meaning: str, example: str, default: Any = MISSING) -> Any:
    """Return a field for text that is not empty."""
    return ruled(Rule((str,), expected, bool, meaning, f'"{example}"'), default)


def choice(literal: object, meaning: str, example: str, default: str) -> Any:
    """Return a field whose values are those of a ``Literal``."""
    return ruled(experiment_keys.choice(literal, meaning, f'"{example}"'), default)


def count(meaning: str, example: int, default: int, least: int = 1) -> Any:
    """Return a field for a whole number of at least ``least``."""
    expected = f"a whole number of at least {least}"
    return ruled(Rule((int,), expected, lambda value: value >= least, meaning, str(example)), default)


def number(expected: str, holds: Callable[[Any], bool], meaning: str, example: float, default: float) -> Any:
    """Return a field for a number that ``holds`` accepts."""
    return ruled(Rule((int, float), expected, holds, meaning, str(example)), default)


def is_share(value: float) -> bool:
    """Return whether a number is above 0 and below 1."""
    return 0 < value < 1


def is_positive(value: float) -> bool:
    """Return whether a number is above 0, and finite."""
    return 0 < value < inf
