"""From settings to a plan: every file read and every name looked up before anything runs."""

from __future__ import annotations

import os

from pytest_humaneval.core.config.selection import select
from pytest_humaneval.core.config.settings import Settings
from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.evaluation.builtin import built_in_registry
from pytest_humaneval.evaluation.datasets import find_dataset
from pytest_humaneval.evaluation.kinds import Kinds
from pytest_humaneval.evaluation.plan import Plan
from pytest_humaneval.evaluation.registry import Registry
from pytest_humaneval.evaluation.resolution import resolve_experiments
from pytest_humaneval.providers.recorded import read_samples
from pytest_humaneval.sandbox import check_sandbox
from pytest_humaneval.store.open_store import check_kind


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
    dataset = find_dataset(settings.dataset, registry)
    problems = select(dataset.problems, settings.tasks, settings.max_problems)
    recorded = None
    if settings.samples is not None:
        task_ids = {problem.task_id for problem in dataset.problems}
        recorded = read_samples(settings.samples, settings.samples_field, task_ids)
    chosen = {p.task_id: p for p in problems if recorded is None or p.task_id in recorded}
    not_sampled = len(problems) - len(chosen)
    plan = Plan(settings, dataset, chosen, experiments, recorded, not_sampled, registry.kinds)
    for name in experiments:
        _check_held_out(plan, name)
        _check_k(plan, name)
    return plan


def _check_k(plan: Plan, name: str) -> None:
    """Refuse to promise a pass@k for which there will not be samples enough."""
    fewest = min((plan.n(name, task_id) for task_id in plan.task_ids(name)), default=0)
    greatest = max(plan.experiments[name].experiment.k, default=0)
    if fewest and greatest > fewest:
        raise ConfigError(
            f'experiment "{name}", k: pass@{greatest} needs at least {greatest} samples of each problem, '
            f"found {fewest}; ask for more with n (--humaneval-n), or for a smaller k"
        )


def _check_held_out(plan: Plan, name: str) -> None:
    """Refuse to score what a soft prompt was trained on where just that was asked for."""
    allowed = plan.task_ids(name)
    seen = [task_id for task_id in plan.problems if task_id not in set(allowed)]
    if seen and (plan.settings.tasks is not None or not allowed):
        raise ConfigError(
            f'experiment "{name}", soft_prompt: it was trained on the dataset and may be scored on what it '
            f"held out only, but {len(seen)} of the selected problems are not held out (first: {seen[0]}); "
            "leave --humaneval-tasks out, or name held-out problems only"
        )


def _check_outputs(settings: Settings, kinds: Kinds) -> None:
    """Refuse now what would otherwise fail at the end of a long run."""
    outputs = {"report": settings.report, "html": settings.html, "save-samples": settings.save_samples}
    for flag, path in outputs.items():
        if path is None:
            continue
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigError(f"--humaneval-{flag}: {path} cannot be written ({error.strerror})") from error
        if path.is_dir() or not os.access(path.parent, os.W_OK):
            raise ConfigError(
                f"--humaneval-{flag}: {path} cannot be written; name a file in a writable folder"
            )
    check_sandbox(settings.sandbox, kinds.sandboxes)
    check_kind(settings.cache, settings.rootdir, kinds.stores)
