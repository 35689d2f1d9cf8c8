"""Where an experiment's completions come from: the provider, and the store beside it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack, closing

from pytest_humaneval.core.cost import Bill
from pytest_humaneval.core.ports import TakesBill
from pytest_humaneval.evaluation.generation import Source
from pytest_humaneval.evaluation.plan import Plan
from pytest_humaneval.providers.recorded import RecordedProvider
from pytest_humaneval.store.best_effort import BestEffortStore
from pytest_humaneval.store.open_store import OFF, open_store


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
