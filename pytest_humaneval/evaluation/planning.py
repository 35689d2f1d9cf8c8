"""From settings to a plan: every file read and every name looked up before anything runs."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pytest_humaneval.core.config.experiment import Experiment, choose, read_experiments
from pytest_humaneval.core.config.selection import select
from pytest_humaneval.core.config.settings import Settings, is_baseline_name
from pytest_humaneval.core.config.strategy import Strategy, read_strategy
from pytest_humaneval.core.dataset import Dataset, read_dataset
from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.core.extraction import Step, resolve
from pytest_humaneval.core.records import Completion, Draw, Limits, Problem
from pytest_humaneval.core.scoring.gate import Decision
from pytest_humaneval.evaluation.resolution import Assignment, with_model, with_soft_prompt
from pytest_humaneval.providers.recorded import read_samples
from pytest_humaneval.sandbox import check_sandbox
from pytest_humaneval.store.open_store import check_kind

PACKAGE = Path(__file__).parent.parent
_SHIPPED = PACKAGE if (PACKAGE / "experiments.toml").is_file() else PACKAGE.parent
STRATEGIES = _SHIPPED / "strategies"
"""The strategies that come with the package."""

Recorded = Mapping[str, Sequence[Completion]]
"""The completions of a samples file by task id."""


@dataclass(frozen=True)
class Plan:
    """All that a run needs to know.

    Attributes:
        settings: what the user asked for.
        dataset: the dataset.
        problems: those to run, by task id, in the dataset's order.
        assignments: the experiments to run, by name, in the order asked for.
        recorded: completions of a samples file, which then stand for every experiment's own.
        not_sampled: how many selected problems the samples file has no line for.
    """

    settings: Settings
    dataset: Dataset
    problems: Mapping[str, Problem]
    assignments: Mapping[str, Assignment]
    recorded: Recorded | None = None
    not_sampled: int = 0

    @property
    def limits(self) -> Limits:
        """What one candidate may use."""
        timeout_s = self.settings.timeout_s
        return Limits() if timeout_s is None else Limits(timeout_s=timeout_s)

    @property
    def has_gate(self) -> bool:
        """Whether the exit status is the gate's to decide."""
        experiments = [assignment.experiment for assignment in self.assignments.values()]
        return any(each.fail_under is not None or each.baseline is not None for each in experiments)

    @property
    def exit_status_without_scores(self) -> int:
        """What pytest ends with where nothing can be scored: undecided for a gate, else a usage error."""
        return Decision.UNDECIDED.exit_status if self.has_gate else 4

    def task_ids(self, experiment: str) -> list[str]:
        """Return the problems that an experiment is scored on: those that its soft prompt has not seen."""
        assignment = self.assignments[experiment]
        return [task_id for task_id in self.problems if assignment.may_score(task_id)]

    def trained_on(self, experiment: str) -> int:
        """Return how many problems of the dataset an experiment is never scored on, selected or not."""
        assignment = self.assignments[experiment]
        return sum(not assignment.may_score(problem.task_id) for problem in self.dataset.problems)

    def n(self, experiment: str, task_id: str) -> int:
        """Return how many samples a problem has in an experiment."""
        n = self.assignments[experiment].experiment.n
        if self.recorded is None:
            return n
        given = len(self.recorded[task_id])
        return given if self.settings.n is None else min(given, self.settings.n)

    def draws(self, experiment: str, task_ids: Iterable[str]) -> list[Draw]:
        """Return the completions to be had for these problems in an experiment."""
        draws = []
        for task_id in task_ids:
            request = self.assignments[experiment].request(self.problems[task_id])
            draws += [Draw(task_id, index, request) for index in range(self.n(experiment, task_id))]
        return draws


def experiments_file(settings: Settings) -> Path:
    """Return the experiments file in use: the one named, else the project's, else the shipped one."""
    if settings.config is not None:
        return settings.config
    own = settings.rootdir / "experiments.toml"
    return own if own.is_file() else _SHIPPED / "experiments.toml"


def make_plan(settings: Settings) -> Plan:
    """Read and look up everything that the settings name.

    Raises:
        ConfigError: something cannot be read, is not as it must be, or names what is not there.
    """
    _check_outputs(settings)
    assignments = {experiment.name: _assign(experiment, settings) for experiment in _experiments(settings)}
    dataset = read_dataset(settings.dataset)
    problems = select(dataset.problems, settings.tasks, settings.max_problems)
    recorded = None
    if settings.samples is not None:
        task_ids = {problem.task_id for problem in dataset.problems}
        recorded = read_samples(settings.samples, settings.samples_field, task_ids)
    chosen = {p.task_id: p for p in problems if recorded is None or p.task_id in recorded}
    plan = Plan(settings, dataset, chosen, assignments, recorded, len(problems) - len(chosen))
    for name in assignments:
        _check_held_out(plan, name)
        _check_k(plan, name)
    return plan


def _check_k(plan: Plan, name: str) -> None:
    """Refuse to promise a pass@k for which there will not be samples enough."""
    fewest = min((plan.n(name, task_id) for task_id in plan.task_ids(name)), default=0)
    greatest = max(plan.assignments[name].experiment.k, default=0)
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


def _check_outputs(settings: Settings) -> None:
    """Find out now what would be a sad surprise at the end of a long run."""
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
    check_sandbox(settings.sandbox)
    check_kind(settings.cache, settings.rootdir)


def _experiments(settings: Settings) -> list[Experiment]:
    if settings.samples is not None and not settings.experiments:
        return [_overridden(Experiment("samples", provider="samples"), settings, settings.rootdir)]
    path = experiments_file(settings)
    experiments = choose(read_experiments(path), settings.experiments, path)
    return [_overridden(experiment, settings, path.parent) for experiment in experiments]


def _overridden(experiment: Experiment, settings: Settings, folder: Path) -> Experiment:
    """Return an experiment as the flags have it; what it names itself is seen from ``folder``."""
    server, baseline = experiment.server, experiment.baseline
    if server is not None and settings.base_url is not None:
        server = replace(server, base_url=settings.base_url, replicas=())
    if isinstance(baseline, str) and not is_baseline_name(baseline):
        baseline = folder / baseline
    return replace(
        experiment,
        server=server,
        n=settings.n or experiment.n,
        k=settings.k or experiment.k,
        fail_under=experiment.fail_under if settings.fail_under is None else settings.fail_under,
        baseline=settings.baseline or baseline,
    )


def _assign(experiment: Experiment, settings: Settings) -> Assignment:
    strategy, folder = None, experiments_file(settings).parent
    if experiment.strategy is not None:
        folders = [folder / "strategies", STRATEGIES]
        strategy = read_strategy(list(dict.fromkeys(folders)), experiment.api, experiment.strategy)
    try:
        steps = _steps(experiment, strategy)
    except ConfigError as error:
        raise ConfigError(f'experiment "{experiment.name}", postprocess: {error}') from error
    assignment = with_soft_prompt(Assignment(experiment, strategy, steps), folder)
    return assignment if settings.samples is not None else with_model(assignment, folder)


def _steps(experiment: Experiment, strategy: Strategy | None) -> Sequence[str | Step]:
    if experiment.postprocess == "auto" and strategy is not None:
        if strategy.postprocess_file is not None:
            return [_own_step(strategy.postprocess_file)]
        if strategy.postprocess is not None:
            return resolve(strategy.postprocess)
    return resolve(experiment.postprocess)


def _own_step(path: Path) -> Step:
    """Load a strategy's own function; nobody has held it to blindness, so it counts as a repair."""
    spec = importlib.util.spec_from_file_location(f"humaneval_strategy_{path.parent.name}", path)
    if spec is None or spec.loader is None:
        raise ConfigError(f"{path}: cannot be imported")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise ConfigError(f"{path}: cannot be imported ({type(error).__name__}: {error})") from error
    if not callable(function := getattr(module, "postprocess", None)):
        raise ConfigError(f"{path}: has no function postprocess(text, stub)")
    return Step("postprocess.py", "repair", function)
