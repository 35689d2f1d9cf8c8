"""The JSON report: everything about a run, for programs; and what a later run reads of it as its baseline."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.core.gate import Comparison
from pytest_humaneval.core.records import Outcome
from pytest_humaneval.core.results_json import to_json
from pytest_humaneval.core.run import Run
from pytest_humaneval.core.toml_schema import suggest
from pytest_humaneval.reports.ablation_table import Ablation, ablation_json

SCHEMA_VERSION = 1

Scores = dict[str, "float | None"]
"""pass@1 by task id; None where a sample has no verdict."""


def build(
    runs: Sequence[Run], comparisons: Mapping[str, Comparison], ablation: Ablation | None = None
) -> dict[str, Any]:
    """Return the report as JSON data."""
    return {
        "schema_version": SCHEMA_VERSION,
        "experiments": {
            run.experiment.name: {**_figures(run), "results": [to_json(result) for result in run.results]}
            for run in runs
        },
        **_about_all(comparisons, ablation),
    }


def write(
    path: Path, runs: Sequence[Run], comparisons: Mapping[str, Comparison], ablation: Ablation | None = None
) -> None:
    """Write the report: a reader finds the old file or the new one, never half of one.

    It is what :func:`build` returns, but never in memory as a whole: one problem's samples at a time are.
    """
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with unfinished.open("w", encoding="utf-8") as out:
            out.writelines(_pieces(runs, _about_all(comparisons, ablation)))
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def _pieces(runs: Sequence[Run], about_all: Mapping[str, Any]) -> Iterator[str]:
    yield f'{{"schema_version": {SCHEMA_VERSION},\n"experiments": {{'
    for place, run in enumerate(runs):
        yield f"{',' if place else ''}\n{json.dumps(run.experiment.name)}: "
        yield json.dumps(_figures(run), indent=1).removesuffix("\n}")
        yield ',\n "results": ['
        for number, result in enumerate(run.results):
            yield f"{',' if number else ''}\n  "
            yield json.dumps(to_json(result))
        yield "]}"
    yield "},\n"
    yield json.dumps(about_all, indent=1).removeprefix("{") + "\n"


def _about_all(comparisons: Mapping[str, Comparison], ablation: Ablation | None) -> dict[str, Any]:
    compared = {"comparison": {name: _comparison(comparison) for name, comparison in comparisons.items()}}
    return compared if ablation is None else {**compared, "ablation": ablation_json(ablation)}


def read_baseline(path: Path, names: Sequence[str], dataset_sha256: str) -> dict[str, Scores]:
    """Return the baseline's scores for each experiment: of the same name, or the only one that the file has.

    Raises:
        ConfigError: the file is no such report, lacks an experiment, or is about another dataset.
    """
    experiments = _read_experiments(path)
    only = next(iter(experiments.values())) if len(experiments) == len(names) == 1 else None
    scores = {}
    for name in names:
        if name not in experiments and only is None:
            raise ConfigError(f"{path}: no experiment {name!r} to compare with; {suggest(name, experiments)}")
        try:
            entry: Any = experiments.get(name, only)
            scores[name] = _scores(entry)
            found = entry["manifest"]["dataset_sha256"]
        except (KeyError, TypeError, ValueError) as error:
            raise ConfigError(
                f"{path}, experiment {name!r}: not as this plugin writes it ({error!r})"
            ) from error
        if found != dataset_sha256:
            raise ConfigError(f"{path}, experiment {name!r}: the baseline was run on another dataset")
    return scores


def _read_experiments(path: Path) -> dict[str, Any]:
    expected = "expected a report written with --humaneval-report"
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        experiments = content["experiments"]
    except OSError as error:
        raise ConfigError(f"{path}: the baseline cannot be read ({error.strerror}); {expected}") from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ConfigError(f"{path}: not a baseline; {expected}") from error
    if not isinstance(experiments, dict) or content.get("schema_version") != SCHEMA_VERSION:
        raise ConfigError(f"{path}: not a report of schema version {SCHEMA_VERSION}; {expected}")
    return experiments


def _scores(entry: Mapping[str, Any]) -> Scores:
    return {result["task_id"]: _score(result["samples"]) for result in entry["results"]}


def _score(samples: Sequence[Mapping[str, Any]]) -> float | None:
    outcomes = [Outcome(sample["outcome"]) for sample in samples]
    if not outcomes or Outcome.INFRA_ERROR in outcomes:
        return None
    return outcomes.count(Outcome.PASSED) / len(outcomes)


def _figures(run: Run) -> dict[str, Any]:
    samples = run.samples
    return {
        "pass@1": run.pass_at[1],
        "pass@k": {str(k): value for k, value in run.pass_at.items()},
        "ci95": list(run.interval),
        "problems": run.selected,
        "passed": run.passed,
        "samples": len(samples),
        "shared": run.shared,
        "outcomes": run.outcomes,
        "undecided": run.undecided,
        "not_sampled": run.not_sampled,
        "trained_on": run.trained_on,
        "held_out_only": run.trained_on > 0,
        "published": run.experiment.published,
        "repairs": run.repairs,
        "pass@1_format_only": run.pass_at_1_format_only,
        "repaired": run.repaired,
        "tokens": {
            "prompt": sum(sample.prompt_tokens for sample in samples),
            "completion": sum(sample.completion_tokens for sample in samples),
        },
        "seconds": asdict(run.seconds),
        "manifest": dict(run.manifest),
    }


def _comparison(comparison: Comparison) -> dict[str, Any]:
    return {**asdict(comparison), "decision": comparison.decision.value}
