"""The failure card: all that a person needs to understand a failure, collected once for every report."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from pytest_humaneval.core.config.settings import Settings
from pytest_humaneval.core.config.url import without_password
from pytest_humaneval.core.datasets.dataset import HUMANEVAL
from pytest_humaneval.core.problem import Problem
from pytest_humaneval.core.records import Message, Outcome
from pytest_humaneval.core.results import ProblemResult, Sample


@dataclass(frozen=True)
class FailureCard:
    """One problem of one experiment: the request, the judged samples, and the commands to reproduce them.

    Attributes:
        experiment: the experiment's name.
        problem: the dataset's row.
        request: the messages sent; empty without a model, and for a report that does not show them.
        result: the problem's judged samples.
        rerun: the command that runs exactly this problem again, with its completions from the store; empty
            where that is unknown.
        debug: the command that runs its program under a debugger; empty where that is unknown.
        dataset: the name of the dataset.
        suffix: what was sent as standing after the completion; None for nothing.
    """

    experiment: str
    problem: Problem
    request: tuple[Message, ...]
    result: ProblemResult
    rerun: str
    debug: str
    dataset: str = HUMANEVAL
    suffix: str | None = None

    @property
    def sample(self) -> Sample:
        """The first sample with the item's outcome."""
        if not self.result.samples:
            return Sample(0, Outcome.INFRA_ERROR)
        return next(sample for sample in self.result.samples if sample.outcome is self.result.outcome)


def failure_card(
    result: ProblemResult,
    problem: Problem,
    experiment: str,
    settings: Settings,
    request: tuple[Message, ...] = (),
    dataset: str = HUMANEVAL,
) -> FailureCard:
    """Return the card of a problem's result in an experiment, on the dataset of that name."""
    return FailureCard(
        experiment=experiment,
        problem=problem,
        request=request,
        result=result,
        rerun=rerun_command(experiment, result.task_id, settings),
        debug=rerun_command(experiment, result.task_id, settings, "--humaneval-debug"),
        dataset=dataset,
    )


def rerun_command(experiment: str, task_id: str, settings: Settings, *more: str) -> str:
    """Return the command line that runs one problem of an experiment again."""
    # Flags of the run that change the verdict; those that only select problems or write reports would be in
    # the way.
    flags = {
        "config": settings.config,
        "dataset": settings.dataset,
        "datasets": settings.datasets,
        "samples": settings.samples,
        "samples-field": settings.samples_field if settings.samples else None,
        "base-url": settings.base_url,
        "n": settings.n,
        "select": ",".join(settings.select) or None,
        "isolation": None if settings.isolation == Settings.isolation else settings.isolation,
        "timeout": settings.timeout_s,
        "memory": settings.memory_mib,
        # The command is printed in logs, so a password of the store's URL is not.
        "cache": None if settings.cache == Settings.cache else without_password(settings.cache),
    }
    names = [] if settings.samples and not settings.experiments else [f"--humaneval-experiment={experiment}"]
    given = [f"--humaneval-{name}={value}" for name, value in flags.items() if value is not None]
    return shlex.join(["pytest", *names, f"--humaneval-tasks={task_id}", *given, *more])
