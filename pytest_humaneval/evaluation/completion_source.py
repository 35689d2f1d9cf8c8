"""Where an experiment's completions come from: the provider, and the store beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack, closing

from pytest_humaneval.core.config.embedded import ENGINES
from pytest_humaneval.core.cost import Bill
from pytest_humaneval.core.ports import TakesBill
from pytest_humaneval.evaluation.generation import Source
from pytest_humaneval.evaluation.plan import Plan
from pytest_humaneval.providers.recorded import RecordedProvider
from pytest_humaneval.store.best_effort import BestEffortStore
from pytest_humaneval.store.open_store import OFF, open_store


def open_sources(
    plan: Plan, bills: Mapping[str, Bill], stack: ExitStack, warn: Callable[[str], None]
) -> dict[str, Source]:
    """Open the sources of the experiments that have bills.

    Those that run the same model in this process have one provider.
    Each would load the model again else, and a GPU has room for one. See :func:`open_source` for the rest.
    """
    sources: dict[str, Source] = {}
    for name, bill in bills.items():
        provider, store = open_source(plan, name, stack, warn, bill)
        model = _model_here(plan, name)
        same = (sources[other][0] for other in sources if model and _model_here(plan, other) == model)
        sources[name] = (next(same, provider), store)
    return sources


def _model_here(plan: Plan, name: str) -> tuple[object, ...] | None:
    """Return what is alike for experiments that share a model in this process; None: it has none here."""
    resolved = plan.experiments[name]
    if plan.recorded is not None or resolved.experiment.provider not in ENGINES:
        return None
    return resolved.experiment.provider, resolved.embedded, resolved.adapter


def open_source(plan: Plan, name: str, stack: ExitStack, warn: Callable[[str], None], bill: Bill) -> Source:
    """Open what gives an experiment's completions, and the store that keeps them, if they are worth keeping.

    ``stack`` closes the store; ``warn`` takes a line where the store fails; what requests cost is added to
    ``bill``.

    Raises:
        HumanEvalError: the provider or the store cannot be opened.
    """
    if plan.recorded is not None:
        return RecordedProvider(plan.recorded), None
    resolved, settings = plan.experiments[name], plan.settings
    kind = plan.kinds.providers[resolved.experiment.provider]
    provider = kind.open(resolved, plan.problems[name])
    if isinstance(provider, TakesBill):
        provider.charge_to(bill)
    if not kind.is_stored or settings.cache == OFF:
        return provider, None
    store = BestEffortStore(open_store(settings.cache, settings.rootdir, warn, plan.kinds.stores), warn)
    return provider, stack.enter_context(closing(store))
