"""The settings of an experiment's repair rounds: how often a model may answer again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pytest_humaneval.core.config.experiment_schema import ProviderRules
from pytest_humaneval.core.config.toml_schema import Rule, check
from pytest_humaneval.core.errors import ConfigError

_TABLE = "[experiments.NAME.repair]"
REPAIR_RULES: Mapping[str, Rule] = {
    "rounds": Rule(
        (int,),
        "a whole number of at least 1",
        lambda value: value >= 1,
        meaning="The most rounds after the first answer.",
        example="2",
    ),
    "strategy": Rule(
        (str,),
        "the name of a strategy folder that has a repair.toml",
        bool,
        meaning="The chat strategy whose `repair.toml` shows the failure to the model. Without it, the "
        "experiment's own strategy, else `self_debug`.",
        example='"self_debug"',
    ),
}
"""The keys of the table [experiments.NAME.repair]."""


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


def repair_of(experiment: Mapping[str, Any], provider: ProviderRules, where: str) -> Repair | None:
    """Return what an experiment's table says of its rounds; None where it has none.

    Raises:
        ConfigError: a key is unknown or missing, or has an impossible value; or the experiment asks no model
            that could go on with a conversation.
    """
    table = experiment.get("repair")
    if table is None:
        return None
    check(table, REPAIR_RULES, f"{where}, repair")
    if (api := experiment.get("api", "chat")) != "chat":
        raise ConfigError(
            f"{where}, repair: a {api} request is no conversation that could go on; "
            f'write api = "chat", or leave {_TABLE} out'
        )
    if not provider.needs_strategy:
        raise ConfigError(
            f'{where}, repair: provider "{experiment["provider"]}" asks no model that could answer again; '
            f"leave {_TABLE} out"
        )
    if "rounds" not in table:
        raise ConfigError(
            f"{where}, repair: key 'rounds' is missing; write how many there are at most, such as 1"
        )
    return Repair(table["rounds"], table.get("strategy"))
