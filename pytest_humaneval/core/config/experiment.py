"""Read experiments.toml: which model to query, with which prompt and sampling, and how to post-process."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pytest_humaneval.core.config.did_you_mean import suggest
from pytest_humaneval.core.config.embedded import NO_ADAPTER, Embedded, embedded_model, with_adapter_key
from pytest_humaneval.core.config.experiment_schema import ExperimentSchema, ProviderRules
from pytest_humaneval.core.config.inheritance import Table, inherited
from pytest_humaneval.core.config.model_server import Server, server_of
from pytest_humaneval.core.config.repair import Repair, repair_of
from pytest_humaneval.core.config.request_extras import extras_of
from pytest_humaneval.core.config.sampling_keys import SAMPLING_RULES
from pytest_humaneval.core.config.stops import check_stops
from pytest_humaneval.core.config.studies import Place, experiments_of
from pytest_humaneval.core.config.toml_schema import Rule, as_table, check, read_toml
from pytest_humaneval.core.config.ways import ways_of
from pytest_humaneval.core.cost import Prices
from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.core.prompt_ending import PromptTail
from pytest_humaneval.core.records import Api, Sampling
from pytest_humaneval.core.request_extras import NO_EXTRAS, RequestExtras

# One type for each value, so that 0 and 0.0 are the same request to the store, which hashes it as JSON.
_CONVERSIONS: Mapping[str, Callable[[Any], Any]] = {
    "temperature": float,
    "top_p": float,
    "repetition_penalty": float,
    "min_p": float,
    "presence_penalty": float,
    "frequency_penalty": float,
    "stop": tuple,
}
_AS_WRITTEN = (
    "api",
    "strategy",
    "prompt_tail",
    "assistant_prefill",
    "n",
    "fail_under",
    "gate_on",
    "baseline",
    "enabled",
    "published",
    "adapter",
    "dataset",
    "stream",
)
_AS_GIVEN: Callable[[Any], Any] = lambda value: value  # noqa: E731
_NAME = re.compile(r"[\w.-]+")
_BUILT_IN = ExperimentSchema()


@dataclass(frozen=True)
class Experiment:
    """A model with one prompt strategy, one sampling and one post-processing; see README for every key.

    Attributes:
        dataset: what it is run on: a registered name, or a file's path; None for HumanEval.
        published: the score that others report for the same setting, 0 to 1; a table has one for each
            dataset, by its name, and a number is of the experiment's own; None if there is none.
        k: the k of pass@k to report; empty for the usual ones.
        fail_under: the least score (0 to 1) that the gate demands of it; None for none.
        gate_on: which score that is, and which is compared with the baseline: ``pass@1`` or ``selected@1``.
        baseline: what to compare it with: the name of a saved baseline, or a report's path; None for nothing.
        added: the values of the keys that plugins have added.
        extras: what its requests carry beside prompt and sampling.
        select: how one of a problem's samples is chosen, without its hidden tests: names of ways, the later
            ones between those that the earlier ones find equal; empty for no choice.
        place: its place in a study; None if it is an experiment by itself.
        repair: its repair rounds; None for none.
        stream: whether its answers are asked for in pieces; they are the same answers.
        has_own_stop: whether it says itself where answers stop, be it nowhere; else its strategy does.
    """

    name: str
    provider: str = "server"
    server: Server | None = None
    api: Api = "chat"
    strategy: str | None = None
    postprocess: str | tuple[str, ...] = "auto"
    prompt_tail: PromptTail = "keep"
    assistant_prefill: str = ""
    sampling: Sampling = field(default_factory=Sampling)
    n: int = 1
    enabled: bool = True
    published: float | Mapping[str, float] | None = None
    embedded: Embedded | None = None
    adapter: str | None = None
    k: tuple[int, ...] = ()
    fail_under: float | None = None
    gate_on: str = "pass@1"
    baseline: str | Path | None = None
    added: Mapping[str, Any] = field(default_factory=dict)
    dataset: Path | str | None = None
    extras: RequestExtras = NO_EXTRAS
    select: tuple[str, ...] = ()
    place: Place | None = None
    repair: Repair | None = None
    stream: bool = False
    # It says where a value came from and is none itself, so experiments that differ in it only are equal.
    has_own_stop: bool = field(default=False, compare=False)

    @property
    def model(self) -> str:
        """The model's name, or the provider's name where there is no model."""
        source = self.server or self.embedded
        return source.model if source else str(self.added.get("model", self.provider))

    @property
    def prices(self) -> Prices | None:
        """What the tokens of its server cost; None where that is unknown, or there is no server."""
        return self.server.prices if self.server else None

    def published_on(self, dataset: str) -> float | None:
        """Return the published score on the dataset of that name, which the experiment is run on."""
        return self.published.get(dataset) if isinstance(self.published, Mapping) else self.published


def read_experiments(path: Path, schema: ExperimentSchema = _BUILT_IN) -> dict[str, Experiment]:
    """Return the experiments of a file by name, in its order.

    Args:
        path: the file.
        schema: what their tables may say.

    Raises:
        ConfigError: the file cannot be read, or a key or value in it is invalid.
    """
    content = _read(path)
    servers = _servers(content, path)
    entries = _entries(content.get("experiments", {}), schema, path)
    found = {}
    for name, table, place in entries:
        experiment = _experiment(name, table, servers, schema, f'{path}: experiment "{name}"')
        found[name] = replace(experiment, place=place)
    return found


def _entries(
    tables: Mapping[str, Any], schema: ExperimentSchema, path: Path
) -> Iterator[tuple[str, Mapping[str, Any], Place | None]]:
    """Yield the name and the whole table of each experiment, and its place in a study."""
    tables = with_adapter_key(tables, str(path))
    for name, table in tables.items():
        _check_own(name, table, f'{path}: experiment "{name}"')
    for name, table in inherited(tables, schema, str(path)).items():
        if "matrix" in table:
            members = experiments_of(name, table, schema, f'{path}: experiment "{name}"')
            yield from ((place.name, own, place) for place, own in members)
        else:
            yield name, table, None


def _check_own(name: str, value: object, where: str) -> None:
    """Check what inheritance and studies would hide."""
    _check_name(name, where)
    table = as_table(value, where)
    if "exclude" in table and "matrix" not in table:
        raise ConfigError(f"{where}, exclude: there is no matrix to exclude from; write one beside it")
    matrix = table.get("matrix")
    for factor in matrix if isinstance(matrix, dict) else ():
        if factor in table:
            raise ConfigError(f"{where}, {factor}: it stands in the matrix, too; keep one of them")


def read_servers(path: Path) -> dict[str, Server]:
    """Return the servers of an experiments file by name, in its order.

    Raises:
        ConfigError: the file cannot be read, or a server's table is invalid.
    """
    return _servers(_read(path), path)


def _read(path: Path) -> dict[str, Any]:
    content = read_toml(path)
    check(content, dict.fromkeys(("servers", "experiments"), Rule((dict,), "a table")), str(path))
    return content


def _servers(content: Mapping[str, Any], path: Path) -> dict[str, Server]:
    tables = content.get("servers", {})
    return {name: server_of(name, table, f'{path}: server "{name}"') for name, table in tables.items()}


def _experiment(
    name: str, table: Table, servers: Mapping[str, Server], schema: ExperimentSchema, where: str
) -> Experiment:
    provider = table.get("provider", "server")
    added = schema.added(provider)
    check(table, schema.rules(provider), where)
    own = {k: v for k, v in table.items() if k not in added and (k, v) != ("adapter", NO_ADAPTER)}
    postprocess = table.get("postprocess", "auto")
    experiment = Experiment(
        name=name,
        provider=provider,
        server=_named_server(table, servers, where),
        postprocess=postprocess if isinstance(postprocess, str) else tuple(postprocess),
        sampling=_sampling(own, where),
        extras=extras_of(own, schema.providers[provider].carried, where),
        k=tuple(table.get("k", ())),
        embedded=embedded_model(own, where),
        added={key: table[key] for key in table if key in added},
        select=ways_of(table.get("select", ())),
        repair=repair_of(table, schema.providers[provider], where),
        has_own_stop="stop" in table,
        **{key: own[key] for key in _AS_WRITTEN if key in own},
    )
    _check_whole(experiment, schema.providers[provider], where)
    return experiment


def _check_name(name: str, where: str) -> None:
    if not _NAME.fullmatch(name):
        raise ConfigError(
            f"{where}: a name is made of letters, digits, '_', '.' and '-', since test ids hold it"
        )


def _check_whole(experiment: Experiment, provider: ProviderRules, where: str) -> None:
    """Check what no rule of a single key can."""
    if experiment.assistant_prefill and experiment.api != "chat":
        raise ConfigError(
            f'{where}, assistant_prefill: a {experiment.api} request has no assistant; write api = "chat"'
        )
    if provider.needs_strategy and experiment.strategy is None:
        raise ConfigError(f"{where}: key 'strategy' is missing; write the name of a folder under strategies/")


def _named_server(table: Mapping[str, Any], servers: Mapping[str, Server], where: str) -> Server | None:
    name = table.get("server")
    if name is None and table.get("provider", "server") != "server":
        return None
    if name is None:
        raise ConfigError(f"{where}: key 'server' is missing; write the name of a [servers.NAME] table")
    if name not in servers:
        raise ConfigError(f"{where}, server: no [servers.{name}] table; {suggest(name, servers)}")
    return servers[name]


def _sampling(table: Mapping[str, Any], where: str) -> Sampling:
    check_stops(table.get("stop", ()), where)
    given = {key: _CONVERSIONS.get(key, _AS_GIVEN)(table[key]) for key in SAMPLING_RULES if key in table}
    return Sampling(**given)
