"""Where an experiment's completions come from: the provider, and the store beside it."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import ExitStack, closing

from pytest_humaneval.core.ports import Provider
from pytest_humaneval.evaluation.generation import Source
from pytest_humaneval.evaluation.plan import Plan
from pytest_humaneval.evaluation.resolved_experiment import ResolvedExperiment
from pytest_humaneval.providers.canonical import CanonicalProvider
from pytest_humaneval.providers.recorded import RecordedProvider
from pytest_humaneval.store.best_effort import BestEffortStore
from pytest_humaneval.store.open_store import OFF, open_store


def open_source(plan: Plan, name: str, stack: ExitStack, warn: Callable[[str], None]) -> Source:
    """Open what gives an experiment's completions, and the store that keeps them, if they are worth keeping.

    ``stack`` closes the store; ``warn`` takes a line where the store fails.
    """
    if plan.recorded is not None:
        return RecordedProvider(plan.recorded), None
    provider = _open_model(plan.experiments[name])
    if provider is None:
        return CanonicalProvider(plan.problems.values()), None
    if plan.settings.cache == OFF:
        return provider, None
    store = BestEffortStore(open_store(plan.settings.cache, plan.settings.rootdir, warn), warn)
    return provider, stack.enter_context(closing(store))


def _open_model(resolved: ResolvedExperiment) -> Provider | None:
    """Return the provider of a model's own completions; None where the experiment has no model."""
    # Imported where they are used: a run of recorded or canonical answers starts sooner without them.
    server, soft_prompt = resolved.experiment.server, resolved.soft_prompt
    if server is None and resolved.embedded is not None:
        from pytest_humaneval.providers.embedded.provider import EmbeddedProvider

        return EmbeddedProvider(resolved.embedded, soft_prompt)
    if server is None:
        return None
    from pytest_humaneval.providers.openai_api.provider import ServerProvider

    embedder = None
    if resolved.embedded is not None and soft_prompt is not None:
        from pytest_humaneval.providers.embedded.prompt_embeds import PromptEmbedder

        embedder = PromptEmbedder(resolved.embedded, soft_prompt)
    return ServerProvider(
        server.base_url,
        api_key=os.environ.get(server.api_key_env),
        api_key_env=server.api_key_env,
        concurrency=server.concurrency,
        timeout_s=server.timeout_s,
        max_retries=server.max_retries,
        embedder=embedder,
        replicas=server.replicas,
    )
