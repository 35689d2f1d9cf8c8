"""The JSON report: everything about a run, for programs; ``report.schema.json`` says what is in it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pytest_humaneval.core.gate import Comparison
from pytest_humaneval.core.results_json import to_json
from pytest_humaneval.core.run import Run
from pytest_humaneval.reports.ablation_table import Ablation, ablation_json

SCHEMA_VERSION = 1
"""The version of the report's form, which ``report.schema.json`` describes."""

SCHEMA = Path(__file__).with_name("report.schema.json")
"""A JSON schema of the report (draft 2020-12)."""


def build(
    runs: Sequence[Run], comparisons: Mapping[str, Comparison], ablation: Ablation | None = None
) -> dict[str, Any]:
    """Return the report as JSON data."""
    report = {
        "schema_version": SCHEMA_VERSION,
        "experiments": {run.experiment.name: _run(run) for run in runs},
        "comparison": {name: _comparison(comparison) for name, comparison in comparisons.items()},
    }
    return report if ablation is None else {**report, "ablation": ablation_json(ablation)}


def write(path: Path, report: Mapping[str, Any]) -> None:
    """Write the report in one go: a reader finds the old file or the new one, never half of one."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    unfinished.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    unfinished.replace(path)


def _run(run: Run) -> dict[str, Any]:
    samples = run.samples
    return {
        "pass@1": run.pass_at[1],
        "pass@k": {str(k): value for k, value in run.pass_at.items()},
        "ci95": list(run.interval),
        "problems": run.selected,
        "passed": run.passed,
        "samples": len(samples),
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
        "results": [to_json(result) for result in run.results],
    }


def _comparison(comparison: Comparison) -> dict[str, Any]:
    return {
        **asdict(comparison),
        "distinguishable": comparison.is_distinguishable,
        "decision": comparison.decision.value,
    }
