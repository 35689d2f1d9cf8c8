"""What an experiment's table in experiments.toml may say: its keys, with their rules, and its providers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pytest_humaneval.core.config.embedded import EMBEDDED_RULES
from pytest_humaneval.core.config.experiment_keys import WHAT_IS_DECIDED, WHAT_IS_RUN, WHAT_IS_VARIED
from pytest_humaneval.core.config.request_extras import CARRIED, CARRIED_IN_PROCESS, EXTRAS, STREAM
from pytest_humaneval.core.config.sampling_keys import SAMPLING_RULES
from pytest_humaneval.core.config.toml_schema import Rule

_RULES: Mapping[str, Rule] = {
    **WHAT_IS_RUN,
    **SAMPLING_RULES,
    **EXTRAS,
    **STREAM,
    **EMBEDDED_RULES,
    **WHAT_IS_DECIDED,
    **WHAT_IS_VARIED,
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
        known = Rule(
            (str,),
            f"one of {', '.join(names)}",
            lambda value: value in names,
            meaning="Where completions come from: a `server`, a model in this process (`embedded`, `vllm`), "
            "or the dataset's own solutions (`canonical`). Plugins add others.",
            example='"embedded"',
        )
        return {"provider": known, **_RULES, **self.added(provider)}

    def added(self, provider: object) -> Mapping[str, Rule]:
        """Return the rules of the keys that plugins add to an experiment with this provider."""
        own = self.providers.get(provider) if isinstance(provider, str) else None
        return {**self.keys, **(own.keys if own else {})}


OWN_KEYS = frozenset({"provider", *_RULES})
"""The keys of an experiment that need no plugin."""

SHARED_KEYS = OWN_KEYS - set(EMBEDDED_RULES) - CARRIED
"""Those of them that every provider's experiments have, so that no provider may have its own of that name."""
