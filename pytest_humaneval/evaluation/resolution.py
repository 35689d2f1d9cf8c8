"""From the settings to the experiments with all that their names stand for: files read, names looked up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from pytest_humaneval.core.config.choosing import choose
from pytest_humaneval.core.config.embedded import Embedded
from pytest_humaneval.core.config.experiment import Experiment, read_experiments
from pytest_humaneval.core.config.experiment_schema import ExperimentSchema
from pytest_humaneval.core.config.lookup import ExperimentsFile, find_experiments_file
from pytest_humaneval.core.config.repair_template import RepairTemplate, read_repair_template
from pytest_humaneval.core.config.settings import Settings, is_baseline_name, is_dataset_name
from pytest_humaneval.core.config.shipped import SHIPPED_MODELS, STRATEGIES
from pytest_humaneval.core.config.strategy import Strategy, read_strategy
from pytest_humaneval.core.datasets.dataset import HUMANEVAL
from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.core.extraction import Step
from pytest_humaneval.evaluation.adapters import embedding_model, with_adapter
from pytest_humaneval.evaluation.postprocessing import steps_of
from pytest_humaneval.evaluation.registry import Registry
from pytest_humaneval.evaluation.resolved_experiment import ResolvedExperiment
from pytest_humaneval.providers.embedded.model_folder import check_folder, content_sha256, find_folder


def experiments_file(settings: Settings) -> Path:
    """Return the experiments file in use: the one named, else the project's, else the shipped one."""
    return _experiments_file(settings).path


def _experiments_file(settings: Settings) -> ExperimentsFile:
    if settings.config is not None:
        return ExperimentsFile(settings.config, None)
    return find_experiments_file(settings.rootdir, Path.cwd())


def resolve_experiments(settings: Settings, registry: Registry) -> dict[str, ResolvedExperiment]:
    """Return the experiments that the settings name, by name, in the order asked for.

    Args:
        settings: what the user asked for.
        registry: what experiments can name.

    Raises:
        ConfigError: one of them, or something that one names, is not there or not as it must be.
    """
    experiments = _experiments(settings, registry.schema)
    return {each.name: _resolved(each, settings, registry.steps) for each in experiments}


def _experiments(settings: Settings, schema: ExperimentSchema) -> list[Experiment]:
    if settings.samples is not None and not settings.experiments:
        return [_overridden(Experiment("samples", provider="samples"), settings, settings.rootdir)]
    path, unread = _experiments_file(settings)
    try:
        experiments = choose(read_experiments(path, schema), settings.experiments, path)
    except ConfigError as error:
        hint = f"; not read: {unread}, which --humaneval-config would choose" if unread else ""
        raise ConfigError(f"{error}{hint}") from error
    return [_overridden(experiment, settings, path.parent) for experiment in experiments]


def _overridden(experiment: Experiment, settings: Settings, folder: Path) -> Experiment:
    """Return an experiment as the flags have it; what it names itself is seen from ``folder``."""
    server, baseline = experiment.server, experiment.baseline
    if server is not None and settings.base_url is not None:
        server = replace(server, base_url=settings.base_url, replicas=(), needs_key=False)
    if isinstance(baseline, str) and not is_baseline_name(baseline):
        baseline = folder / baseline
    dataset = experiment.dataset
    if isinstance(dataset, str) and not is_dataset_name(dataset):
        dataset = folder / dataset
    return replace(
        experiment,
        server=server,
        dataset=settings.dataset or dataset,
        published=experiment.published if settings.dataset is None else _published(experiment),
        n=settings.n or experiment.n,
        k=settings.k or experiment.k,
        select=settings.select or experiment.select,
        fail_under=experiment.fail_under if settings.fail_under is None else settings.fail_under,
        gate_on=settings.gate_on or experiment.gate_on,
        baseline=settings.baseline or baseline,
    )


def _published(experiment: Experiment) -> Mapping[str, float] | None:
    """Return the published scores by dataset, for a run on another one than the experiment names."""
    published, own = experiment.published, experiment.dataset or HUMANEVAL
    # What a file's dataset is called is known when it is read.
    is_known = isinstance(own, str) and is_dataset_name(own)
    if isinstance(published, Mapping) or published is None:
        return published
    return {str(own): published} if is_known else None


def _resolved(experiment: Experiment, settings: Settings, known: Mapping[str, Step]) -> ResolvedExperiment:
    strategy, folder = None, experiments_file(settings).parent
    folders = list(dict.fromkeys([folder / "strategies", STRATEGIES]))
    if experiment.strategy is not None:
        strategy = _strategy(experiment, folders)
        if not experiment.has_own_stop:
            experiment = replace(experiment, sampling=replace(experiment.sampling, stop=strategy.stop))
    try:
        steps = steps_of(experiment, strategy, known)
    except ConfigError as error:
        raise ConfigError(f'experiment "{experiment.name}", postprocess: {error}') from error
    repair = _repair_template(experiment, folders)
    resolved = with_adapter(ResolvedExperiment(experiment, strategy, steps, repair=repair), folder)
    return resolved if settings.samples is not None else with_model(resolved, folder)


def _strategy(experiment: Experiment, folders: Sequence[Path]) -> Strategy:
    try:
        return read_strategy(folders, experiment.api, str(experiment.strategy))
    except ConfigError as error:
        place = experiment.place
        if place is None or not {"api", "strategy"} & place.levels.keys():
            raise
        raise ConfigError(
            f'experiment "{experiment.name}": {error}; or leave this combination out with "exclude"'
        ) from error


def _repair_template(experiment: Experiment, folders: Sequence[Path]) -> RepairTemplate | None:
    if experiment.repair is None or experiment.strategy is None:
        return None
    try:
        return read_repair_template(folders, experiment.strategy, experiment.repair.strategy)
    except ConfigError as error:
        raise ConfigError(f'experiment "{experiment.name}", repair: {error}') from error


def with_model(resolved: ResolvedExperiment, seen_from: Path) -> ResolvedExperiment:
    """Look up the model that runs in this process, if the experiment has one.

    Raises:
        ConfigError: its folder, seen from ``seen_from``, is not there or not whole; or the adapter was
            trained with another one.
    """
    adapter, embedded = resolved.adapter, resolved.experiment.embedded
    try:
        if embedded is None and adapter is not None and adapter.is_embeddings:
            embedded = embedding_model(adapter)
        if embedded is None:
            return resolved
        found, sha256 = look_up(embedded, seen_from)
        if adapter is not None:
            adapter.check_model(embedded.model, sha256)
    except ConfigError as error:
        raise ConfigError(f'experiment "{resolved.experiment.name}", model: {error}') from error
    return replace(resolved, embedded=found, model_sha256=sha256)


def look_up(embedded: Embedded, seen_from: Path) -> tuple[Embedded, str | None]:
    """Return a model with its folder for a name, and the folder's content; a name on the hub as it is.

    Raises:
        ConfigError: its folder, seen from ``seen_from``, is not there or not whole.
    """
    folder = _model_folder(embedded, seen_from)
    if folder is None:
        return embedded, None
    return replace(embedded, model=str(folder)), content_sha256(folder)


def _model_folder(embedded: Embedded, seen_from: Path) -> Path | None:
    if (folder := SHIPPED_MODELS.get(embedded.model)) is not None:
        check_folder(folder)
        return folder
    return find_folder(embedded.model, seen_from)
