"""JSON reports: read one as runs, and compare two."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from operator import index
from pathlib import Path
from typing import Any

from pytest_humaneval.api.arguments import check_arguments
from pytest_humaneval.api.run import Run, compare_runs
from pytest_humaneval.core.config.experiment import Experiment
from pytest_humaneval.core.config.studies import Place
from pytest_humaneval.core.datasets import HUMANEVAL_SHA256
from pytest_humaneval.core.datasets.dataset import HUMANEVAL
from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.core.records import Sampling
from pytest_humaneval.core.results_json import spool_samples
from pytest_humaneval.core.scoring.gate import Comparison
from pytest_humaneval.core.scoring.gate_score import ONE_SAMPLE
from pytest_humaneval.core.scoring.run import Seconds
from pytest_humaneval.reports.cost_text import cost_from_json
from pytest_humaneval.reports.json_report_reader import dataset_name, read_entry, read_experiments


@dataclass(frozen=True)
class ComparedRuns:
    """Two runs that belong together, and how the newer one compares with its baseline."""

    baseline: Run
    run: Run
    comparison: Comparison


@dataclass(frozen=True)
class ComparedReports:
    """The pairs of runs of two reports, and the experiments that only one of the reports has."""

    pairs: list[ComparedRuns]
    unpaired: list[str]


def read_report(path: str | Path) -> dict[str, Run]:
    """Return the runs of a JSON report by the experiments' names, in its order.

    What a later version has added to a report is left out. Of an experiment's configuration a run has what
    the report tells; all of that is in ``run.manifest``.

    Args:
        path: a report that ``--humaneval-report`` has written.

    Raises:
        ConfigError: the file cannot be read, or is not a report.
    """
    check_arguments("read_report", {"report": path})
    report = Path(path).expanduser()
    return {name: _run(report, name, entry) for name, entry in read_experiments(report).items()}


def compare(report_a: str | Path, report_b: str | Path) -> dict[str, Comparison]:
    """Compare two JSON reports, problem by problem, by an exact paired test.

    Experiments that have the same name are compared; others are left out. Where each report has one
    experiment only, these two are compared, whatever they are called. The key is the name in ``report_b``.

    Args:
        report_a: the baseline.
        report_b: the newer one.

    Raises:
        ConfigError: a file is not a report, no experiments belong together, or the datasets differ.
    """
    return {pair.run.name: pair.comparison for pair in compare_reports(report_a, report_b).pairs}


def compare_reports(report_a: str | Path, report_b: str | Path) -> ComparedReports:
    """Compare two JSON reports as :func:`compare` does, and return the runs as well."""
    before, now = read_report(report_a), read_report(report_b)
    pairs = {name: before[name] for name in now if name in before}
    if not pairs and len(before) == len(now) == 1:
        pairs = dict(zip(now, before.values(), strict=True))
    if not pairs:
        raise ConfigError(
            f"compare: no experiment is in both {report_a} ({', '.join(before) or 'none'}) "
            f"and {report_b} ({', '.join(now) or 'none'})"
        )
    paired = {run.name for run in pairs.values()}
    return ComparedReports(
        [
            ComparedRuns(run, now[name], compare_runs(now[name], run, _source(report_a, name, run)))
            for name, run in pairs.items()
        ],
        [*(name for name in before if name not in paired), *(name for name in now if name not in pairs)],
    )


def _source(report: str | Path, name: str, run: Run) -> str:
    file_name = Path(report).name
    return file_name if run.name == name else f"{file_name}, experiment {run.name}"


def _run(path: Path, name: str, entry: Any) -> Run:  # noqa: ANN401 (JSON data, checked here)
    manifest, results = read_entry(path, name, entry)
    spool = spool_samples()
    try:
        return Run(
            experiment=_experiment(name, entry, manifest),
            results=tuple(replace(result, samples=spool.keep(result.samples)) for result in results),
            selected=index(entry["problems"]),
            scorable=index(entry.get("scorable", 0)),
            repairs=entry.get("repairs", False),
            not_sampled=entry.get("not_sampled", 0),
            trained_on=entry.get("trained_on", 0),
            seconds=Seconds(**_fields_of(Seconds, entry.get("seconds", {}))),
            is_recorded=manifest.get("provider") == "samples",
            manifest=manifest,
            dataset=dataset_name(entry) or _unnamed(manifest),
            has_base_tests="pass@1_base" in entry,
            shows_tests=entry.get("shows_tests", False),
            cost=cost_from_json(entry),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ConfigError(f"{path}, experiment {name!r}: not as this plugin writes it ({error!r})") from error


def _unnamed(manifest: Mapping[str, Any]) -> str:
    """Return what to call the dataset of a report without its name: HumanEval by its hash, or its file."""
    if manifest.get("dataset_sha256") == HUMANEVAL_SHA256:
        return HUMANEVAL
    return Path(str(manifest.get("dataset", "unknown"))).name


def _experiment(name: str, entry: Mapping[str, Any], manifest: Mapping[str, Any]) -> Experiment:
    known = _fields_of(Experiment, manifest)
    simple = ("provider", "api", "strategy", "prompt_tail", "assistant_prefill")
    return Experiment(
        name,
        **{key: known[key] for key in simple if key in known},
        postprocess=known.get("postprocess", "auto"),
        sampling=Sampling(**_fields_of(Sampling, known.get("sampling", {}))),
        n=_n(known.get("n", 1)),
        select=known.get("select", ()),
        gate_on=known.get("gate_on", ONE_SAMPLE),
        k=tuple(map(int, dict(entry["pass@k"]))),
        published=entry.get("published"),
        # All that a report has of a server or an embedded model.
        added={"model": manifest["model"]} if "model" in manifest else {},
        place=_place(manifest["study"]) if "study" in manifest else None,
    )


def _place(data: Mapping[str, Any]) -> Place:
    factors = {factor: tuple(map(str, levels)) for factor, levels in data["factors"].items()}
    return Place(data["study"], {factor: data["levels"][factor] for factor in factors}, factors)


def _n(recorded: int | Mapping[str, int]) -> int:
    """Return how many samples each problem has, the most where that differs."""
    return index(recorded["most"] if isinstance(recorded, Mapping) else recorded)


def _fields_of(record: type, data: Mapping[str, Any]) -> dict[str, Any]:
    names = {field.name for field in fields(record)}
    # As the records have it: tuples for lists.
    return {
        key: tuple(value) if isinstance(value, list) else value for key, value in data.items() if key in names
    }
