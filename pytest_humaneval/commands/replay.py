"""Replay: a report's own programs executed again, which must give the verdicts that the report tells.

Nothing is generated and nothing is extracted anew: what is put to the test is the machine, the sandbox and
the interpreter. A sample without a program, or without a verdict, has nothing to be executed again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pytest_humaneval.core.candidate import assemble
from pytest_humaneval.core.config.settings import Settings
from pytest_humaneval.core.dataset import read_dataset
from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.core.records import Candidate, Limits, Outcome, Problem, Sample, Verdict
from pytest_humaneval.core.scoring.gate import Decision, sum_up
from pytest_humaneval.evaluation.sandboxes import executed
from pytest_humaneval.reports.json_report_reader import read_entry, read_experiments

_SHOWN = 50


@dataclass(frozen=True)
class Rerun:
    """A sample of a report, to be executed again.

    Attributes:
        where: experiment, task id and sample index, in words.
        sample: as the report tells it.
        candidate: its program.
    """

    where: str
    sample: Sample
    candidate: Candidate


def run_replay(settings: Settings, print_line: Callable[[str], None]) -> int:
    """Execute a report's programs again, and say which verdicts differ; return the exit status.

    0: all the same; 1: some differ; 6: some could not be had, or there was nothing to execute.

    Raises:
        ConfigError: there is no such report, or it is about another dataset.
    """
    path = settings.replay
    if path is None:
        raise ConfigError("--humaneval-replay: no report is named")
    dataset = read_dataset(settings.dataset)
    problems = {problem.task_id: problem for problem in dataset.problems}
    decisions = []
    for name, entry in read_experiments(path).items():
        manifest, results = read_entry(path, name, entry, dataset.sha256)
        if unknown := [result.task_id for result in results if result.task_id not in problems]:
            raise ConfigError(f"{path}, experiment {name!r}: the dataset has no {unknown[0]!r}")
        samples = [(result.task_id, sample) for result in results for sample in result.samples]
        reruns = list(_reruns(name, samples, problems))
        if not reruns:
            print_line(f"{name}: none of {len(samples)} samples has anything to execute")
            continue
        verdicts = executed(_as_then(settings, manifest), _limits(settings, manifest), _programs(reruns))
        decisions.append(_judge(reruns, verdicts, len(samples), name, print_line))
    return sum_up(decisions).exit_status


def _programs(reruns: list[Rerun]) -> list[Candidate]:
    return [rerun.candidate for rerun in reruns]


def _reruns(name: str, samples: list[tuple[str, Sample]], problems: Mapping[str, Problem]) -> Iterator[Rerun]:
    for task_id, sample in samples:
        if sample.solution is not None and sample.outcome is not Outcome.INFRA_ERROR:
            where = f"{name}, {task_id}, sample {sample.sample_index}"
            yield Rerun(where, sample, assemble(problems[task_id], sample.solution))


def _judge(
    reruns: list[Rerun], verdicts: list[Verdict], count: int, name: str, print_line: Callable[[str], None]
) -> Decision:
    pairs = list(zip(reruns, verdicts, strict=True))
    lost = [(rerun, verdict) for rerun, verdict in pairs if verdict.outcome is Outcome.INFRA_ERROR]
    differ = [
        (rerun, verdict)
        for rerun, verdict in pairs
        if verdict.outcome is not Outcome.INFRA_ERROR and not _is_same(rerun.sample, verdict)
    ]
    skipped = f", {count - len(reruns)} have nothing to execute" if count > len(reruns) else ""
    same = len(reruns) - len(differ) - len(lost)
    print_line(f"{name}: {same} of {len(reruns)} verdicts are the same again{skipped}")
    for rerun, verdict in [*differ, *lost][:_SHOWN]:
        print_line(f"  {rerun.where}: {rerun.sample.outcome} then, {verdict.outcome} now ({verdict.message})")
    if (more := len(differ) + len(lost) - _SHOWN) > 0:
        print_line(f"  and {more} more")
    return Decision.FAILS if differ else Decision.UNDECIDED if lost else Decision.HOLDS


def _is_same(sample: Sample, verdict: Verdict) -> bool:
    """A truncated sample is one whose program, cut off, failed in whatever way."""
    if sample.outcome is Outcome.TRUNCATED:
        return verdict.outcome is not Outcome.PASSED
    return sample.outcome is verdict.outcome


def _as_then(settings: Settings, manifest: Mapping[str, Any]) -> Settings:
    isolation = manifest.get("isolation")
    return replace(settings, isolation=isolation) if isolation in ("auto", "basic") else settings


def _limits(settings: Settings, manifest: Mapping[str, Any]) -> Limits:
    """The limits that the report was made with, unless the flags say otherwise."""
    try:
        then = Limits(**manifest.get("limits", {}))
    except TypeError:
        then = Limits()
    return then if settings.timeout_s is None else replace(then, timeout_s=settings.timeout_s)
