"""What comes with the package, added to the registry through the same methods as what plugins bring."""

from __future__ import annotations

import os
from collections.abc import Mapping

from pytest_humaneval.core.config.experiment_schema import BUILT_IN_PROVIDERS
from pytest_humaneval.core.config.extra_headers import sent_headers
from pytest_humaneval.core.datasets import RELEASES, read_dataset
from pytest_humaneval.core.datasets.dataset import HUMANEVAL
from pytest_humaneval.core.errors import ProviderError
from pytest_humaneval.core.extraction.steps import STEPS
from pytest_humaneval.core.ports import Provider
from pytest_humaneval.core.problem import Problem
from pytest_humaneval.evaluation import builtin_reports
from pytest_humaneval.evaluation.datasets import ReleasedDataset
from pytest_humaneval.evaluation.kinds import OpenProvider
from pytest_humaneval.evaluation.registry import Registry
from pytest_humaneval.evaluation.resolved_experiment import ResolvedExperiment
from pytest_humaneval.providers.canonical import CanonicalProvider
from pytest_humaneval.sandbox import SANDBOXES
from pytest_humaneval.store.open_store import STORES


def built_in_registry() -> Registry:
    """Return a registry with all that comes with the package."""
    registry = Registry()
    register(registry)
    return registry


def register(registry: Registry) -> None:
    """Add all that comes with the package."""
    for name, open_provider in _PROVIDERS.items():
        rules = BUILT_IN_PROVIDERS[name]
        registry.provider(
            name,
            open_provider,
            keys=rules.keys,
            needs_strategy=rules.needs_strategy,
            is_stored=name != "canonical",
            carried=rules.carried,
        )
    registry.dataset(HUMANEVAL, read_dataset)
    for name, release in RELEASES.items():
        registry.dataset(name, ReleasedDataset(release))
    for name, kind in SANDBOXES.items():
        registry.sandbox(name, kind.open, takes_address=kind.takes_address)
    for scheme, open_store in STORES.items():
        registry.store(scheme, open_store)
    builtin_reports.register(registry)
    for step in STEPS.values():
        registry.step(step.name, step.apply, kind=step.kind)


# Imported where they are used: a run of recorded or canonical answers starts sooner without them.
def _open_server(resolved: ResolvedExperiment, _problems: Mapping[str, Problem]) -> Provider:
    from pytest_humaneval.providers.openai_api.lora_name import ServedLora
    from pytest_humaneval.providers.openai_api.pacing import Rates
    from pytest_humaneval.providers.openai_api.provider import ServerProvider

    server, adapter, embedder = resolved.experiment.server, resolved.adapter, None
    if server is None:
        raise ProviderError(f'experiment "{resolved.experiment.name}": no server is named')
    if resolved.embedded is not None and adapter is not None and adapter.is_embeddings:
        from pytest_humaneval.providers.embedded.prompt_embeds import PromptEmbedder

        embedder = PromptEmbedder(resolved.embedded, adapter)
    provider = ServerProvider(
        server.base_url,
        api_key=os.environ.get(server.api_key_env),
        api_key_env=server.api_key_env,
        concurrency=server.concurrency,
        timeout_s=server.timeout_s,
        max_retries=server.max_retries,
        embedder=embedder,
        replicas=server.replicas,
        rates=Rates(server.requests_per_minute, server.tokens_per_minute),
        headers=sent_headers(resolved.experiment.extras.table("extra_headers"), os.environ),
        stream=resolved.experiment.stream,
    )
    if adapter is not None and adapter.is_lora:
        provider.ask_for(ServedLora(adapter, server.model))
    return provider


def _open_embedded(resolved: ResolvedExperiment, _problems: Mapping[str, Problem]) -> Provider:
    from pytest_humaneval.providers.embedded.provider import EmbeddedProvider

    if resolved.embedded is None:
        raise ProviderError(f'experiment "{resolved.experiment.name}": no model is named')
    return EmbeddedProvider(resolved.embedded, resolved.adapter)


def _open_canonical(_resolved: ResolvedExperiment, problems: Mapping[str, Problem]) -> Provider:
    return CanonicalProvider(problems.values())


_PROVIDERS: Mapping[str, OpenProvider] = {
    "server": _open_server,
    "embedded": _open_embedded,
    "vllm": _open_embedded,
    "canonical": _open_canonical,
}
