"""The text of a failing item: what a person needs to understand it, and the command that reruns it alone."""

from __future__ import annotations

import shlex
from collections.abc import Iterator

from pytest_humaneval.core.records import Outcome, ProblemResult, Sample
from pytest_humaneval.core.settings import Settings
from pytest_humaneval.core.url import without_password
from pytest_humaneval.reports.visible import visible

_RAW_LIMIT_CHARS = 4_000
_SOLUTION_LIMIT_CHARS = 8_000
_MESSAGE_LIMIT_CHARS = 4_000
_DIFF_LIMIT_CHARS = 2_000


def failure_text(result: ProblemResult, experiment: str, settings: Settings) -> str:
    """Return the failure of a problem in words; its first line is the summary."""
    return "\n".join(_lines(result, experiment, settings))


def rerun_command(experiment: str, task_id: str, settings: Settings) -> str:
    """Return the command line that runs one problem of an experiment again."""
    flags = {
        "config": settings.config,
        "dataset": settings.dataset,
        "samples": settings.samples,
        "samples-field": settings.samples_field if settings.samples else None,
        "base-url": settings.base_url,
        "n": settings.n,
        "isolation": None if settings.isolation == Settings.isolation else settings.isolation,
        "timeout": settings.timeout_s,
        "cache": None if settings.cache == Settings.cache else without_password(settings.cache),
    }
    names = [] if settings.samples and not settings.experiments else [f"--humaneval-experiment={experiment}"]
    given = [f"--humaneval-{name}={value}" for name, value in flags.items() if value is not None]
    return shlex.join(["pytest", *names, f"--humaneval-tasks={task_id}", *given])


def _lines(result: ProblemResult, experiment: str, settings: Settings) -> Iterator[str]:
    yield f"{result.outcome}: {result.entry_point} ({result.task_id}) in {experiment}"
    shown = _telling(result)
    if len(result.samples) > 1:
        counts = ", ".join(f"{sample.sample_index}: {sample.outcome}" for sample in result.samples[:20])
        yield f"none of {len(result.samples)} samples passed ({counts}); this is sample {shown.sample_index}"
    if shown.message:
        yield ""
        yield visible(shown.message, _MESSAGE_LIMIT_CHARS)
    if shown.raw is not None:
        finish = f" (finish reason: {visible(shown.finish_reason, 40)})" if shown.finish_reason else ""
        yield from _section(f"raw completion{finish}", shown.raw, _RAW_LIMIT_CHARS)
    if shown.steps:
        for step in shown.steps:
            yield from _section(f"post-processing: {step.name} ({step.kind})", step.diff, _DIFF_LIMIT_CHARS)
    if shown.solution is not None:
        yield from _section("extracted program", shown.solution, _SOLUTION_LIMIT_CHARS)
    yield ""
    yield f"rerun: {rerun_command(experiment, result.task_id, settings)}"


def _telling(result: ProblemResult) -> Sample:
    """The first sample that ended as the item did."""
    if not result.samples:
        return Sample(0, Outcome.INFRA_ERROR)
    return next(sample for sample in result.samples if sample.outcome is result.outcome)


def _section(title: str, text: str, limit_chars: int) -> Iterator[str]:
    yield ""
    yield f"--- {title} ---"
    yield visible(text.rstrip("\n"), limit_chars)
