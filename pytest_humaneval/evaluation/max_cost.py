"""``--humaneval-max-cost`` needs prices: without them there is nothing to add up."""

from __future__ import annotations

from pytest_humaneval.core.config.embedded import ENGINES
from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.evaluation.plan import Plan

_FREE = (*ENGINES, "canonical")
"""Providers that ask no server."""


def check_max_cost(plan: Plan) -> None:
    """Refuse to keep to a cost where an experiment asks a server whose prices are not known.

    Raises:
        ConfigError: there is one.
    """
    limit = plan.settings.max_cost
    if limit is None or plan.recorded is not None:
        return
    for name, resolved in plan.experiments.items():
        experiment = resolved.experiment
        if experiment.provider not in _FREE and experiment.prices is None:
            raise ConfigError(
                f'--humaneval-max-cost: found {limit:g}, but experiment "{name}" {_reason(plan, name)}'
            )


def _reason(plan: Plan, name: str) -> str:
    experiment = plan.experiments[name].experiment
    if experiment.server is None:
        return f'has provider = "{experiment.provider}", whose prices are not known; leave one of the two out'
    return (
        "asks a server without prices, so there is nothing to add up; write price_per_million_prompt_tokens "
        f"and price_per_million_completion_tokens in [servers.{experiment.server.name}]"
    )
