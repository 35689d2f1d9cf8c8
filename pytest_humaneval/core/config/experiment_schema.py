"""What an experiment's table in experiments.toml may say: its keys, with their rules, and its providers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf
from typing import Any, get_args

from pytest_humaneval.core.config.embedded import EMBEDDED_RULES
from pytest_humaneval.core.config.request_extras import (
    CARRIED,
    CARRIED_IN_PROCESS,
    EXTRAS,
    SAMPLING_EXTRAS,
    STREAM,
)
from pytest_humaneval.core.config.settings import GATE_SCORES
from pytest_humaneval.core.config.stops import STOP_RULE
from pytest_humaneval.core.config.toml_schema import Rule
from pytest_humaneval.core.config.ways import WAYS, are_ways, ways_of
from pytest_humaneval.core.prompt_ending import PromptTail
from pytest_humaneval.core.records import Api

SAMPLING_RULES: Mapping[str, Rule] = {
    "temperature": Rule((int, float), "a number from 0 to 2", lambda value: 0 <= value <= 2),
    "top_p": Rule((int, float), "a number above 0, at most 1", lambda value: 0 < value <= 1),
    "top_k": Rule(
        (int,), "-1 (all tokens) or a whole number of at least 1", lambda value: value == -1 or value >= 1
    ),
    "repetition_penalty": Rule((int, float), "a number above 0 (1 is none)", lambda value: 0 < value < inf),
    "max_tokens": Rule((int,), "a whole number of at least 1", lambda value: value >= 1),
    "stop": STOP_RULE,
    "seed": Rule((int,), "a whole number of at least 0", lambda value: value >= 0),
    **SAMPLING_EXTRAS,
}
"""Keys of the sampling: those of ``records.Sampling``."""


def _are_scores(value: Any) -> bool:  # noqa: ANN401 (a TOML value)
    scores = value.values() if isinstance(value, dict) else [value]
    # A bool is no number.
    return all(type(score) in (int, float) and 0 <= score <= 1 for score in scores)


_RULES: Mapping[str, Rule] = {
    "server": Rule((str,), "the name of a [servers.NAME] table"),
    "dataset": Rule((str,), "the name of a dataset, or a file's path", bool),
    "api": Rule((str,), f"one of {', '.join(get_args(Api))}", lambda value: value in get_args(Api)),
    "strategy": Rule((str,), "the name of a strategy folder", bool),
    "postprocess": Rule(
        (str, list),
        "a name or a list of step names",
        lambda value: all(isinstance(part, str) for part in value),
    ),
    "prompt_tail": Rule(
        (str,), f"one of {', '.join(get_args(PromptTail))}", lambda value: value in get_args(PromptTail)
    ),
    "assistant_prefill": Rule((str,), "text with which the answer begins"),
    "n": Rule((int,), "a whole number of at least 1", lambda value: value >= 1),
    "select": Rule(
        (str, list), f"one of {', '.join(WAYS)}, or a list of them", lambda value: are_ways(ways_of(value))
    ),
    "repair": Rule((dict,), "a table [experiments.NAME.repair] with the key rounds"),
    "k": Rule(
        (list,),
        "a list of whole numbers of at least 1, such as [1, 10]",
        lambda value: all(type(k) is int and k >= 1 for k in value),
    ),
    "fail_under": Rule((int, float), "a score from 0 to 1", lambda value: 0 <= value <= 1),
    "gate_on": Rule((str,), f"one of {', '.join(GATE_SCORES)}", lambda value: value in GATE_SCORES),
    "baseline": Rule((str,), "the name of a saved baseline, or a report's path", bool),
    "enabled": Rule((bool,), "true or false"),
    "published": Rule(
        (int, float, dict), "a score from 0 to 1, or a table of such scores by dataset", _are_scores
    ),
    "extends": Rule((str,), "the name of another experiment", bool),
    "matrix": Rule((dict,), "a table of factors, each a list of values"),
    "exclude": Rule((list,), "a list of tables of factors, for a study with a matrix"),
    **SAMPLING_RULES,
    **EXTRAS,
    **STREAM,
    **EMBEDDED_RULES,
}

NO_FACTORS = frozenset(
    {"enabled", "published", "baseline", "fail_under", "extends", "matrix", "exclude", "stream"}
)
"""Keys that cannot be factors of a study: they are said of a whole study, or change no result."""


@dataclass(frozen=True)
class ProviderRules:
    """What an experiment with a provider may and must say.

    Attributes:
        keys: the keys that only its experiments have.
        needs_strategy: whether the provider is sent prompts, so that a strategy must render them.
        carried: those of the keys of ``request_extras`` that it does something with.
    """

    keys: Mapping[str, Rule] = field(default_factory=dict)
    needs_strategy: bool = True
    carried: frozenset[str] = frozenset()


BUILT_IN_PROVIDERS: Mapping[str, ProviderRules] = {
    "server": ProviderRules(carried=CARRIED),
    "embedded": ProviderRules(carried=CARRIED_IN_PROCESS),
    "vllm": ProviderRules(carried=CARRIED_IN_PROCESS),
    "canonical": ProviderRules(needs_strategy=False),
}
"""Values of the key ``provider`` that need no plugin; the keys of their models are in ``embedded``."""


@dataclass(frozen=True)
class ExperimentSchema:
    """All that an experiment's table may say.

    Attributes:
        providers: the values of the key ``provider``.
        keys: the keys that plugins add to every experiment.
    """

    providers: Mapping[str, ProviderRules] = field(default_factory=lambda: BUILT_IN_PROVIDERS)
    keys: Mapping[str, Rule] = field(default_factory=dict)

    def rules(self, provider: object) -> Mapping[str, Rule]:
        """Return the rule of every key that an experiment with this provider may have."""
        names = self.providers
        known = Rule((str,), f"one of {', '.join(names)}", lambda value: value in names)
        return {"provider": known, **_RULES, **self.added(provider)}

    def added(self, provider: object) -> Mapping[str, Rule]:
        """Return the rules of the keys that plugins add to an experiment with this provider."""
        own = self.providers.get(provider) if isinstance(provider, str) else None
        return {**self.keys, **(own.keys if own else {})}


OWN_KEYS = frozenset({"provider", *_RULES})
"""The keys of an experiment that need no plugin."""

SHARED_KEYS = OWN_KEYS - set(EMBEDDED_RULES) - CARRIED
"""Those of them that every provider's experiments have, so that no provider may have its own of that name."""
