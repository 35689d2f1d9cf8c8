"""Evaluate one experiment from Python: ``evaluate``, and ``evaluate_async`` for code that must not block."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pytest_humaneval.api.arguments import check_arguments
from pytest_humaneval.api.cancellation import check_cancelled, in_thread
from pytest_humaneval.api.datasets import named_or_path
from pytest_humaneval.api.run import Run, public
from pytest_humaneval.core.config.settings import Settings, Timeout
from pytest_humaneval.core.config.ways import ways_of
from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.evaluation.api_keys import check_api_keys
from pytest_humaneval.evaluation.evaluation import Evaluation
from pytest_humaneval.evaluation.plan import Plan
from pytest_humaneval.evaluation.planning import make_plan
from pytest_humaneval.evaluation.progress import Progress
from pytest_humaneval.evaluation.results import ResultCollector

_log = logging.getLogger("pytest_humaneval")
_SAMPLES = "samples"


@dataclass(frozen=True)
class EvaluationProgress:
    """How far an evaluation is.

    Attributes:
        completions: how many completions there are.
        judged: how many of them have a verdict.
        total: how many samples there will be.
    """

    completions: int
    judged: int
    total: int


ShowProgress = Callable[[EvaluationProgress], object]
"""Takes how far an evaluation is, whenever that has changed; called by the evaluating thread alone."""


def evaluate(
    name: str,
    *,
    config: str | Path | None = None,
    tasks: str | None = None,
    max_problems: int | None = None,
    dataset: str | Path | None = None,
    samples: str | Path | None = None,
    samples_field: str | None = None,
    n: int | None = None,
    select: str | Sequence[str] | None = None,
    timeout_s: Timeout | None = None,
    jobs: int | None = None,
    base_url: str | None = None,
    cache: str | Path = Settings.cache,
    isolation: str = Settings.isolation,
    sandbox: str = Settings.sandbox,
    progress: ShowProgress | None = None,
) -> Run:
    """Carry out one experiment and return its run; blocks until all of it is done.

    The keyword arguments mean what the flags ``--humaneval-...`` of the same name do, with the same defaults;
    the current folder stands for pytest's rootdir.

    ``name`` may be ``"samples"`` where ``samples`` is given: the file is then scored with post-processing
    ``auto``. ``timeout_s`` is a candidate's CPU time in seconds, or ``"auto"``. ``progress`` is called in
    this thread whenever a figure of its argument has changed; an exception of it ends the evaluation.

    Raises:
        HumanEvalError: an argument or a file cannot be used, or no completion or verdict can be had at all.
    """
    given = {key: value for key, value in locals().items() if value is not None or key == "name"}
    check_arguments("evaluate", given)
    return _evaluate(_settings(given), progress)


evaluate_async = in_thread(evaluate)
"""As ``evaluate``, for code that runs in an event loop: a task that is cancelled ends the evaluation."""


def _settings(given: Mapping[str, Any]) -> Settings:
    folder = Path.cwd()
    paths = {key: folder / Path(given[key]).expanduser() for key in ("config", "samples") if key in given}
    is_samples_alone = "samples" in given and given["name"] == _SAMPLES
    return Settings(
        folder,
        experiments=() if is_samples_alone else (given["name"],),
        **{key: value for key, value in given.items() if key not in ("name", "progress")}
        | paths
        | {
            "dataset": named_or_path(given["dataset"]) if "dataset" in given else None,
            "select": ways_of(given.get("select", ())),
            "cache": str(given.get("cache", Settings.cache)),
        },
    )


def _evaluate(settings: Settings, progress: ShowProgress | None) -> Run:
    plan = make_plan(settings)
    check_api_keys(plan)
    name = _only_experiment(plan)
    collector, task_ids = ResultCollector(plan), plan.task_ids(name)
    if not task_ids:
        raise ConfigError(f"evaluate: {settings.samples} has no line for any of the selected problems")
    collector.select({task_id: (name, task_id) for task_id in task_ids})
    report_progress = _reporter(collector.progress, progress)
    with Evaluation(plan, {name: task_ids}, collector.progress, report_progress) as evaluation:
        for task_id in task_ids:
            collector.add(task_id, evaluation.result(name, task_id, report_progress))
            report_progress()
        layers = evaluation.missing_layers()
    for warning in [*collector.progress.warnings, *([layers] if layers else [])]:
        _log.warning("%s", warning)
    return public(collector.runs()[0])


def _only_experiment(plan: Plan) -> str:
    if len(plan.experiments) > 1:
        raise ConfigError(
            f"evaluate: {plan.settings.experiments[0]!r} is {len(plan.experiments)} experiments "
            f"({', '.join(plan.experiments)}), expected one; call evaluate for each"
        )
    return next(iter(plan.experiments))


def _reporter(counted: Progress, show: ShowProgress | None) -> Callable[[], None]:
    """Return what is called now and then while an evaluation waits: it passes on what has changed."""
    shown = EvaluationProgress(0, 0, 0)

    def report() -> None:
        nonlocal shown
        check_cancelled()
        now = EvaluationProgress(counted.done, counted.verdicts.judged, counted.draws)
        if show is not None and now != shown:
            shown = now
            show(now)

    return report
