"""The adapters that experiments name: found, read, and checked against what is to use them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from pytest_humaneval.core.config.adapter import Adapter, read_adapter
from pytest_humaneval.core.config.embedded import Embedded
from pytest_humaneval.core.config.experiment import Experiment
from pytest_humaneval.core.config.model_server import Server
from pytest_humaneval.core.config.served_adapter import serve_args
from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.evaluation.resolved_experiment import ResolvedExperiment
from pytest_humaneval.providers.embedded.adapter_folder import find_adapter


def with_adapter(resolved: ResolvedExperiment, seen_from: Path) -> ResolvedExperiment:
    """Read the files of the experiment's adapter, if it has one; one of the hub is downloaded.

    Raises:
        ConfigError: it, seen from ``seen_from``, is not there or not whole, or the provider cannot use it.
    """
    experiment = resolved.experiment
    if experiment.adapter is None:
        return resolved
    try:
        adapter = read_adapter(find_adapter(experiment.adapter, seen_from), experiment.adapter)
        _check_provider(experiment, adapter)
    except ConfigError as error:
        raise ConfigError(f'experiment "{experiment.name}", adapter: {error}') from error
    return replace(resolved, adapter=adapter)


def _check_provider(experiment: Experiment, adapter: Adapter) -> None:
    provider, is_served = experiment.provider, experiment.server is not None
    if adapter.method == "prefix" and provider != "embedded":
        raise ConfigError(
            f'{adapter.name}: provider = "{provider}" cannot use prefix tuning, since vLLM takes no keys and '
            'values from outside; write "embedded"'
        )
    if is_served and adapter.is_lora and experiment.embedded is not None:
        raise ConfigError(f"{adapter.name}: a LoRA's model is the server's; remove the key model")
    if is_served and adapter.is_embeddings and experiment.extras.reasoning_effort is not None:
        raise ConfigError(
            f"{adapter.name}: prompts sent as embeddings have no reasoning_effort; where the chat template "
            "knows it, write chat_template_kwargs = { reasoning_effort = ... }"
        )


def embedding_model(adapter: Adapter) -> Embedded:
    """Return the model that embeds prompts for a server, where the experiment names none.

    Raises:
        ConfigError: the adapter does not say what it was trained with.
    """
    model = adapter.card.model if adapter.card else adapter.base_model
    if not model:
        raise ConfigError(f"{adapter.name} does not say what it was trained with; write the key model")
    return Embedded(model, device="cpu")


def servers_to_start(experiments: Iterable[ResolvedExperiment]) -> Iterator[tuple[Server, bool]]:
    """Yield the servers of experiments with the arguments for their adapters, and whether there are any."""
    adapters: dict[Server, list[Adapter]] = {}
    for resolved in experiments:
        if resolved.experiment.server is not None:
            used = adapters.setdefault(resolved.experiment.server, [])
            used += [resolved.adapter] if resolved.adapter and resolved.adapter not in used else []
    for server, used in adapters.items():
        # The table's own come last, so that they win.
        yield replace(server, serve_args=(*serve_args(used), *server.serve_args)), bool(used)
