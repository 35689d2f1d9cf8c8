"""The settings of an experiment's self-debugging rounds: how often a model may answer again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pytest_humaneval.core.config.toml_schema import Rule, check
from pytest_humaneval.core.errors import ConfigError

_RULES: Mapping[str, Rule] = {
    "rounds": Rule((int,), "a whole number of at least 1", lambda value: value >= 1),
    "strategy": Rule((str,), "the name of a strategy folder that has a repair.toml", bool),
}


@dataclass(frozen=True)
class Repair:
    """Rounds in which a model sees which example its program fails, and answers again.

    Self-debugging: Chen et al. 2023, arXiv:2304.05128.

    Attributes:
        rounds: how many there are at most after the first answer.
        strategy: whose repair.toml puts the failure to the model; None for the experiment's own strategy.
    """

    rounds: int
    strategy: str | None = None


def repair_of(table: Mapping[str, Any], where: str) -> Repair:
    """Return what an experiment's table ``repair`` says.

    Raises:
        ConfigError: a key is unknown or missing, or has an impossible value.
    """
    check(table, _RULES, where)
    if "rounds" not in table:
        raise ConfigError(f"{where}: key 'rounds' is missing; write how many rounds there are at most, say 1")
    return Repair(table["rounds"], table.get("strategy"))
