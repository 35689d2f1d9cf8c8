"""The plan of a run: what is evaluated, on which problems, within which limits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from pytest_humaneval.core.config.settings import Settings
from pytest_humaneval.core.datasets import Dataset
from pytest_humaneval.core.problem import Problem
from pytest_humaneval.core.records import Completion, Draw, Limits
from pytest_humaneval.core.scoring.gate import Decision
from pytest_humaneval.evaluation.kinds import Kinds
from pytest_humaneval.evaluation.resolved_experiment import ResolvedExperiment

Recorded = Mapping[str, Sequence[Completion]]
"""The completions of a samples file by task id."""

Key = tuple[str, str]
"""An experiment's name and a task id."""

Selection = Mapping[str, Sequence[str]]
"""Task ids to run, by experiment."""


@dataclass(frozen=True)
class Plan:
    """All that a run needs to know.

    Attributes:
        settings: what the user asked for.
        datasets: the dataset of each experiment, by the experiment's name.
        problems: those to run, by the experiment's name and task id, in the dataset's order.
        experiments: the experiments to run, by name, in the order asked for.
        recorded: completions of a samples file, which then stand for every experiment's own.
        not_sampled: how many selected problems of each experiment the samples file has no line for.
        kinds: the kinds of providers, sandboxes and stores that there are.
    """

    settings: Settings
    datasets: Mapping[str, Dataset]
    problems: Mapping[str, Mapping[str, Problem]]
    experiments: Mapping[str, ResolvedExperiment]
    recorded: Recorded | None = None
    not_sampled: Mapping[str, int] = field(default_factory=dict)
    kinds: Kinds = field(default_factory=Kinds)

    @property
    def limits(self) -> Limits:
        """What one candidate may use."""
        return Limits().overridden(self.settings.timeout_s, self.settings.memory_mib)

    @property
    def has_gate(self) -> bool:
        """Whether the exit status is the gate's to decide."""
        experiments = [resolved.experiment for resolved in self.experiments.values()]
        return any(each.fail_under is not None or each.baseline is not None for each in experiments)

    @property
    def exit_status_without_scores(self) -> int:
        """What pytest ends with where nothing can be scored: undecided for a gate, else a usage error."""
        return Decision.UNDECIDED.exit_status if self.has_gate else 4

    def label(self, experiment: str, task_id: str) -> str:
        """Return what item ids call a problem: dataset where the task id does not say it, and entry point."""
        entry_point = self.problems[experiment][task_id].entry_point
        return f"{self.datasets[experiment].label(task_id)}-{entry_point}"

    def task_ids(self, experiment: str) -> list[str]:
        """Return the problems that an experiment is scored on: those that its adapter has not seen."""
        resolved = self.experiments[experiment]
        return [
            task_id for task_id, problem in self.problems[experiment].items() if resolved.may_score(problem)
        ]

    def scorable(self, experiment: str) -> int:
        """Return how many problems of the dataset an experiment may be scored on, selected or not."""
        return len(self.datasets[experiment].problems) - self.trained_on(experiment)

    def trained_on(self, experiment: str) -> int:
        """Return how many problems of the dataset an experiment is never scored on, selected or not."""
        resolved = self.experiments[experiment]
        problems = self.datasets[experiment].problems
        return sum(not resolved.may_score(problem) for problem in problems)

    def n(self, experiment: str, task_id: str) -> int:
        """Return how many samples a problem has in an experiment."""
        n = self.experiments[experiment].experiment.n
        if self.recorded is None:
            return n
        given = len(self.recorded[task_id])
        return given if self.settings.n is None else min(given, self.settings.n)

    def draws(self, experiment: str, task_ids: Iterable[str]) -> list[Draw]:
        """Return the completions to be had for these problems in an experiment."""
        draws = []
        for task_id in task_ids:
            request = self.experiments[experiment].request(self.problems[experiment][task_id])
            draws += [Draw(task_id, index, request) for index in range(self.n(experiment, task_id))]
        return draws
