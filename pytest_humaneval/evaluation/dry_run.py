"""A dry run: the requests of a selection are rendered and counted, and none is sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing
from pathlib import Path

from pytest_humaneval.core.config.url import without_password
from pytest_humaneval.core.pipeline import known_of
from pytest_humaneval.core.ports import Store
from pytest_humaneval.core.preview import Preview, ShownRequest
from pytest_humaneval.core.prompt_estimate import PromptEstimate
from pytest_humaneval.core.records import Draw, Request
from pytest_humaneval.evaluation.plan import Plan, Selection
from pytest_humaneval.evaluation.resolved_experiment import ResolvedExperiment
from pytest_humaneval.providers.embedded.prompt_counter import prompt_counter
from pytest_humaneval.providers.openai_api.exchange.sending import PATHS
from pytest_humaneval.providers.openai_api.grouping import DrawGroup, grouped
from pytest_humaneval.providers.openai_api.shown_body import shown_body
from pytest_humaneval.store.best_effort import BestEffortStore
from pytest_humaneval.store.disk import FILE_NAME
from pytest_humaneval.store.open_store import OFF, open_store

CountTokens = Callable[[Request], int]
"""Returns the tokens of a request's prompt."""


def previews(plan: Plan, selection: Selection, warn: Callable[[str], None]) -> Iterator[Preview]:
    """Yield what each selected experiment would request; ``warn`` takes a line where the store fails.

    Raises:
        HumanEvalError: the store cannot be opened.
    """
    with ExitStack() as stack:
        store = _store(plan, warn)
        if store is not None:
            stack.enter_context(closing(store))
        # In the dataset's order, whatever plugins shuffle the tests.
        for name in filter(selection.__contains__, plan.experiments):
            selected = set(selection[name])
            draws = plan.draws(name, filter(selected.__contains__, plan.task_ids(name)))
            if plan.recorded is not None or plan.experiments[name].strategy is None:
                yield Preview(name, len(draws))
            else:
                is_stored = plan.kinds.providers[plan.experiments[name].experiment.provider].is_stored
                yield _preview(plan.experiments[name], draws, store if is_stored else None)


def _store(plan: Plan, warn: Callable[[str], None]) -> Store | None:
    """Return the store; None where there is none, and none is made for a run that has nothing to keep."""
    where, folder = plan.settings.cache, plan.settings.rootdir
    is_folder = "://" not in where
    if where == OFF or (is_folder and not (folder / Path(where).expanduser() / FILE_NAME).is_file()):
        return None
    return BestEffortStore(open_store(where, folder, warn, plan.kinds.stores), warn)


def _preview(resolved: ResolvedExperiment, draws: list[Draw], store: Store | None) -> Preview:
    experiment = resolved.experiment
    missing = [draw for draw, known in known_of(draws, store) if known is None]
    groups = _requests(resolved, missing)
    count, is_estimated = _counter(resolved)
    read = sum(count(group[0].request) for group in groups)
    most_written = sum(draw.request.sampling.max_tokens for draw in missing)
    rounds = experiment.repair.rounds if experiment.repair else 0
    return Preview(
        experiment.name,
        len(draws),
        stored=len(draws) - len(missing),
        requests=len(groups),
        prompt_tokens=read,
        is_estimated=is_estimated,
        most_completion_tokens=most_written,
        most_cost=experiment.prices.cost(read, most_written) if experiment.prices else None,
        # Those of stored answers may be in the store as well, or not.
        most_later_requests=rounds * len(draws),
        shown=_shown(resolved, (groups or _requests(resolved, draws))[0], is_stored=not groups),
    )


def _requests(resolved: ResolvedExperiment, draws: list[Draw]) -> list[DrawGroup]:
    """Return the draws, those together that one request asks for."""
    server = resolved.experiment.server
    if server is None:
        return [(draw,) for draw in draws]
    return grouped(draws, server.concurrency * (1 + len(server.replicas)))


def _counter(resolved: ResolvedExperiment) -> tuple[CountTokens, bool]:
    """Return what counts a prompt's tokens, and whether it only estimates them."""
    count = prompt_counter(resolved.embedded) if resolved.embedded else None
    return (PromptEstimate().tokens, True) if count is None else (count, False)


def _shown(resolved: ResolvedExperiment, group: DrawGroup, is_stored: bool) -> ShownRequest:
    draw, server = group[0], resolved.experiment.server
    if server is None:
        address = f"to the model {resolved.experiment.model} ({resolved.experiment.provider})"
        return ShownRequest(draw.task_id, address, _prompt(draw.request), is_stored=is_stored)
    is_embedded = resolved.adapter is not None and resolved.adapter.is_embeddings
    path = PATHS["completion" if is_embedded else draw.request.api]
    address = f"POST {without_password(server.base_url).rstrip('/')}{path}"
    headers: Mapping[str, object] = resolved.experiment.extras.table("extra_headers")
    return ShownRequest(
        draw.task_id, address, shown_body(group, is_embedded, resolved.experiment.stream), headers, is_stored
    )


def _prompt(request: Request) -> str:
    """Return what the model is given: a text, or the turns of a chat before its template."""
    if request.api == "completion":
        return request.text
    return "\n".join(f"[{message.role}]\n{message.content}" for message in request.messages)
