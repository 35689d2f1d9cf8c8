"""The command --humaneval-replay: execute a report's programs again and compare the verdicts.

Nothing is generated or extracted again: this tests the machine, the sandbox and the interpreter. Samples
without a program or without a verdict are skipped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from pytest_humaneval.core.candidate import assemble
from pytest_humaneval.core.config.settings import Settings
from pytest_humaneval.core.datasets import HUMANEVAL_SHA256
from pytest_humaneval.core.datasets.dataset import HUMANEVAL
from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.core.problem import Problem
from pytest_humaneval.core.records import Candidate, Limits, Outcome, Verdict
from pytest_humaneval.core.results import Sample
from pytest_humaneval.core.scoring.gate import Decision, sum_up
from pytest_humaneval.evaluation.datasets import find_dataset
from pytest_humaneval.evaluation.registry import Registry
from pytest_humaneval.evaluation.sandboxes import executed
from pytest_humaneval.reports.json_report_reader import (
    check_dataset,
    dataset_name,
    read_entry,
    read_experiments,
)

_MAX_SHOWN = 50


@dataclass(frozen=True)
class Rerun:
    """A sample of a report, to be executed again.

    Attributes:
        where: experiment, task id and sample index, for a message.
        sample: the sample as read from the report.
        candidate: its program, to be judged again.
    """

    where: str
    sample: Sample
    candidate: Candidate


def run_replay(settings: Settings, registry: Registry, print_line: Callable[[str], None]) -> int:
    """Execute a report's programs again and print which verdicts differ.

    Returns:
        The exit status: 0 if all verdicts are the same, 1 if some differ, 6 if some are missing or there was
        nothing to execute.

    Raises:
        ConfigError: there is no such report, or it is of another dataset.
    """
    path = _report(settings)
    find = cache(lambda what: find_dataset(what, registry, settings.datasets))
    decisions = []
    for name, entry in read_experiments(path).items():
        manifest, results = read_entry(path, name, entry)
        dataset = find(settings.dataset or _recorded_dataset(entry, registry))
        check_dataset(path, name, entry, dataset)
        problems = {problem.task_id: problem for problem in dataset.problems}
        if unknown := [result.task_id for result in results if result.task_id not in problems]:
            raise ConfigError(f"{path}, experiment {name!r}: the dataset has no {unknown[0]!r}")
        # Where each problem had its own limit, that is the one again.
        problems |= {each.task_id: problems[each.task_id].limited(each.timeout_s) for each in results}
        samples = [(result.task_id, sample) for result in results for sample in result.samples]
        reruns = list(_reruns(name, samples, problems))
        if not reruns:
            print_line(f"{name}: none of {len(samples)} samples has a program to execute")
            continue
        candidates = [rerun.candidate for rerun in reruns]
        isolated, limits = _isolated_as(settings, manifest), _limits(settings, manifest)
        verdicts = executed(isolated, limits, candidates, registry.kinds.sandboxes)
        decisions.append(_judge(reruns, verdicts, len(samples), name, print_line))
    return sum_up(decisions).exit_status


def _report(settings: Settings) -> Path:
    if settings.replay is None:
        raise ConfigError("--humaneval-replay: no report is named")
    if settings.timeout_s == "auto":
        raise ConfigError(
            "--humaneval-timeout: found 'auto', expected a number of seconds for a replay, or nothing, which "
            "takes the limits of the report"
        )
    return settings.replay


def _recorded_dataset(entry: Mapping[str, Any], registry: Registry) -> Path | str | None:
    """Return what an experiment of a report was run on: a name that is known here, or its file; else None."""
    name, manifest = dataset_name(entry), entry["manifest"]
    if name == HUMANEVAL or manifest["dataset_sha256"] == HUMANEVAL_SHA256:
        return None
    path = manifest.get("dataset")
    if name in registry.datasets:
        return name
    return Path(path) if isinstance(path, str) and Path(path).is_file() else None


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
    skipped = f", {count - len(reruns)} have no program to execute" if count > len(reruns) else ""
    same = len(reruns) - len(differ) - len(lost)
    print_line(f"{name}: {same} of {len(reruns)} verdicts are the same{skipped}")
    for rerun, verdict in [*differ, *lost][:_MAX_SHOWN]:
        print_line(f"  {rerun.where}: {rerun.sample.outcome} then, {verdict.outcome} now ({verdict.message})")
    if (more := len(differ) + len(lost) - _MAX_SHOWN) > 0:
        print_line(f"  and {more} more")
    return Decision.FAILS if differ else Decision.UNDECIDED if lost else Decision.HOLDS


def _is_same(sample: Sample, verdict: Verdict) -> bool:
    """Return whether a verdict agrees with the sample's outcome."""
    # "truncated" is made of any failing verdict and the finish reason, which the sandbox does not know.
    if sample.outcome is Outcome.TRUNCATED:
        return verdict.outcome is not Outcome.PASSED
    base_outcome = verdict.base_outcome or verdict.outcome
    return sample.outcome is verdict.outcome and sample.outcome_by_base is base_outcome


def _isolated_as(settings: Settings, manifest: Mapping[str, Any]) -> Settings:
    # Not "strict": that would refuse to run where this machine lacks a layer that the other one had.
    isolation = manifest.get("isolation")
    return replace(settings, isolation=isolation) if isolation in ("auto", "basic") else settings


def _limits(settings: Settings, manifest: Mapping[str, Any]) -> Limits:
    """Return the limits that the report was made with, overridden by the flags."""
    # TypeError: another version's report may have limits that this one does not know.
    try:
        recorded = Limits(**manifest.get("limits", {}))
    except TypeError:
        recorded = Limits()
    return recorded.overridden(settings.timeout_s, settings.memory_mib)
