"""From settings to a plan: every file read and every name looked up before anything runs."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

from pytest_humaneval.core.config.embedded import ENGINES
from pytest_humaneval.core.config.placeholders import misfit
from pytest_humaneval.core.config.selection import select_each
from pytest_humaneval.core.config.settings import Settings
from pytest_humaneval.core.config.shipped import SHIPPED_MODELS
from pytest_humaneval.core.datasets import HUMANEVAL_SHA256, Dataset
from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.core.scoring.gate_score import ONE_SAMPLE
from pytest_humaneval.evaluation.builtin import built_in_registry
from pytest_humaneval.evaluation.datasets import find_dataset
from pytest_humaneval.evaluation.kinds import Kinds
from pytest_humaneval.evaluation.max_cost import check_max_cost
from pytest_humaneval.evaluation.plan import Plan, Selection
from pytest_humaneval.evaluation.registry import Registry
from pytest_humaneval.evaluation.resolution import resolve_experiments
from pytest_humaneval.evaluation.resolved_experiment import ResolvedExperiment
from pytest_humaneval.providers.recorded import read_samples
from pytest_humaneval.sandbox import check_sandbox
from pytest_humaneval.store.open_store import check_kind

MOST_SAMPLES = 1_000_000
"""The most samples of a run: 0.7 GB of memory, at the 0.7 KB for each that benchmarks/growth.py measured."""


def make_plan(settings: Settings, registry: Registry | None = None) -> Plan:
    """Read and look up everything that the settings name.

    Args:
        settings: what the user asked for.
        registry: what can be named; by default, what comes with the package.

    Raises:
        ConfigError: something cannot be read, is not as it must be, or names what is not there.
    """
    registry = registry or built_in_registry()
    _check_outputs(settings, registry.kinds)
    experiments = resolve_experiments(settings, registry)
    datasets = _datasets(experiments, settings, registry)
    known = {name: dataset.problems for name, dataset in datasets.items()}
    selected = select_each(known, settings.tasks, settings.max_problems)
    recorded = None
    if settings.samples is not None:
        task_ids = {problem.task_id for dataset in datasets.values() for problem in dataset.problems}
        recorded = read_samples(settings.samples, settings.samples_field, task_ids)
    chosen = {
        name: {each.task_id: each for each in problems if recorded is None or each.task_id in recorded}
        for name, problems in selected.items()
    }
    not_sampled = {name: len(problems) - len(chosen[name]) for name, problems in selected.items()}
    plan = Plan(settings, datasets, chosen, experiments, recorded, not_sampled, registry.kinds)
    for name in experiments:
        _check_memoriser(plan, name)
        _check_placeholders(plan, name)
        _check_suffix(plan, name)
        _check_held_out(plan, name)
        _check_k(plan, name)
        _check_gate_on(plan, name)
    _check_memory(plan)
    check_max_cost(plan)
    return plan


def _datasets(
    experiments: Mapping[str, ResolvedExperiment], settings: Settings, registry: Registry
) -> dict[str, Dataset]:
    """Return the dataset of each experiment; each is read once."""
    read: dict[Path | str | None, Dataset] = {}
    for name, resolved in experiments.items():
        what = resolved.experiment.dataset
        if what not in read:
            where = "--humaneval-dataset" if settings.dataset else f'experiment "{name}", dataset'
            read[what] = find_dataset(what, registry, settings.datasets, where)
    return {name: read[resolved.experiment.dataset] for name, resolved in experiments.items()}


def check_baseline_is_whole(plan: Plan, selection: Selection) -> None:
    """Refuse to save a baseline of a subset, unless just that was asked for, before anything is generated.

    Raises:
        ConfigError: an experiment would be scored on fewer problems than it may be.
    """
    if plan.settings.save_baseline is None or plan.settings.allow_subset or not selection:
        return
    for name in plan.experiments:
        selected, scorable = len(selection.get(name, ())), plan.scorable(name)
        if selected < scorable:
            raise ConfigError(
                f'--humaneval-save-baseline: of experiment "{name}", {selected} of {scorable} problems are '
                "selected; run all of them, or save a baseline of a subset with --humaneval-allow-subset"
            )


def _check_memory(plan: Plan) -> None:
    """Refuse more samples than memory holds; recorded ones have been read already."""
    sizes = {name: len(plan.task_ids(name)) for name in plan.experiments}
    samples = {name: size * plan.experiments[name].experiment.n for name, size in sizes.items()}
    total = sum(samples.values())
    if plan.recorded is not None or total <= MOST_SAMPLES:
        return
    largest = max(samples, key=lambda name: samples[name])
    where = f'experiment "{largest}", n' if plan.settings.n is None else "--humaneval-n"
    n, fitting = plan.experiments[largest].experiment.n, max(1, MOST_SAMPLES // sum(sizes.values()))
    raise ConfigError(
        f"{where}: found {n}, which makes {total:,} samples in all; a run may have at most {MOST_SAMPLES:,}, "
        f"for which memory is needed, so write {fitting} or less"
    )


def _check_k(plan: Plan, name: str) -> None:
    """Refuse to promise a pass@k for which there will not be samples enough."""
    fewest = min((plan.n(name, task_id) for task_id in plan.task_ids(name)), default=0)
    greatest = max(plan.experiments[name].experiment.k, default=0)
    if fewest and greatest > fewest:
        raise ConfigError(
            f'experiment "{name}", k: pass@{greatest} needs at least {greatest} samples of each problem, '
            f"found {fewest}; ask for more with n (--humaneval-n), or for a smaller k"
        )


def _check_gate_on(plan: Plan, name: str) -> None:
    """Refuse a gate on chosen samples where there is nothing to choose, or no way to."""
    experiment = plan.experiments[name].experiment
    if experiment.gate_on == ONE_SAMPLE:
        return
    most = max((plan.n(name, task_id) for task_id in plan.task_ids(name)), default=0)
    where = f'experiment "{name}", gate_on' if plan.settings.gate_on is None else "--humaneval-gate-on"
    if not experiment.select:
        raise ConfigError(
            f'{where}: {experiment.gate_on} of experiment "{name}" needs a way to choose, found none; write '
            'select = ["examples"] (--humaneval-select=examples), or gate on pass@1'
        )
    if most == 1:
        raise ConfigError(
            f'{where}: {experiment.gate_on} of experiment "{name}" needs several samples of a problem, found '
            "n = 1; ask for more with n (--humaneval-n), or gate on pass@1"
        )


def _check_memoriser(plan: Plan, name: str) -> None:
    """Refuse to ask a memoriser for what it has never seen: its score would be 0, and say nothing."""
    embedded, dataset = plan.experiments[name].experiment.embedded, plan.datasets[name]
    models = {*SHIPPED_MODELS, *map(str, SHIPPED_MODELS.values())}
    is_memoriser = embedded is not None and embedded.model in models
    if plan.recorded is None and is_memoriser and dataset.sha256 != HUMANEVAL_SHA256:
        raise ConfigError(
            f'experiment "{name}", model: the memoriser has learned answers of HumanEval alone, found the '
            f"dataset {dataset.name}; leave --humaneval-dataset out, or name an experiment with another model"
        )


def _check_placeholders(plan: Plan, name: str) -> None:
    """Refuse a strategy that cannot put the dataset's task to a model; recorded answers were put somehow."""
    strategy, dataset = plan.experiments[name].strategy, plan.datasets[name]
    if strategy is None or plan.recorded is not None:
        return
    if reason := misfit(strategy.template, dataset.problems):
        raise ConfigError(
            f'experiment "{name}", strategy "{strategy.name}", dataset "{dataset.name}": {reason}'
        )


def _check_suffix(plan: Plan, name: str) -> None:
    """Refuse a suffix where nothing takes one: the model would be asked without it."""
    resolved = plan.experiments[name]
    strategy, provider = resolved.strategy, resolved.experiment.provider
    if strategy is None or strategy.suffix is None or plan.recorded is not None:
        return
    is_embedded = resolved.adapter is not None and resolved.adapter.is_embeddings
    if is_embedded or provider in ENGINES:
        who = "adapter" if is_embedded else f'provider = "{provider}"'
        raise ConfigError(
            f'experiment "{name}", strategy "{strategy.name}": {who} takes no suffix; take a strategy with '
            "the model's own tokens in its text, such as fim_qwen"
        )


def _check_held_out(plan: Plan, name: str) -> None:
    """Refuse to score what an adapter was trained on where just that was asked for."""
    allowed = plan.task_ids(name)
    seen = [task_id for task_id in plan.problems[name] if task_id not in set(allowed)]
    if seen and (plan.settings.tasks is not None or not allowed):
        raise ConfigError(
            f'experiment "{name}", adapter: it was trained on the dataset and may be scored on what it '
            f"held out only, but {len(seen)} of the selected problems are not held out (first: {seen[0]}); "
            "leave --humaneval-tasks out, or name held-out problems only"
        )


def _check_outputs(settings: Settings, kinds: Kinds) -> None:
    """Refuse now what would otherwise fail at the end of a long run."""
    outputs = {"report": settings.report, "html": settings.html, "save-samples": settings.save_samples}
    outputs.update({f"write {name}": path for name, path in settings.write.items()})
    for flag, path in outputs.items():
        if path is None:
            continue
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            _write_something(path.parent)
        except OSError as error:
            raise ConfigError(f"--humaneval-{flag}: {path} cannot be written ({error.strerror})") from error
        if path.is_dir():
            raise ConfigError(f"--humaneval-{flag}: {path} cannot be written; name a file, not a folder")
    if settings.save_baseline:
        _check_baselines_folder(settings.baselines_folder)
    check_sandbox(settings.sandbox, kinds.sandboxes)
    check_kind(settings.cache, settings.rootdir, kinds.stores)


def _check_baselines_folder(folder: Path) -> None:
    # It is made when the first baseline is saved, and not by a run that saves none.
    nearest = next(each for each in (folder, *folder.absolute().parents) if each.exists())
    try:
        _write_something(nearest)
    except OSError as error:
        raise ConfigError(
            f"--humaneval-save-baseline: {folder} cannot be written ({error.strerror}); "
            "name a writable folder with --humaneval-baselines"
        ) from error


def _write_something(folder: Path) -> None:
    """Write a file without a name, since access rights alone do not show what can really be written."""
    with tempfile.TemporaryFile(dir=folder):
        pass
