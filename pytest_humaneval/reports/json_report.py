"""Write the JSON report: everything about a run, for programs; ``report.schema.json`` describes it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pytest_humaneval.core.scoring.gate import Comparison
from pytest_humaneval.core.scoring.run import Run
from pytest_humaneval.core.scoring.study import studies_of
from pytest_humaneval.reports.ablation_table import Ablation, ablation_json
from pytest_humaneval.reports.choice_json import repair_json, result_json, selected_json
from pytest_humaneval.reports.cost_text import cost_json
from pytest_humaneval.reports.speed_text import speed_json
from pytest_humaneval.reports.study_table import study_json

SCHEMA_VERSION = 1
"""The version of the report's schema, which is ``report.schema.json``."""

SCHEMA = Path(__file__).with_name("report.schema.json")
"""A JSON schema of the report (draft 2020-12)."""


def build(
    runs: Sequence[Run], comparisons: Mapping[str, Comparison], ablation: Ablation | None = None
) -> dict[str, Any]:
    """Return the report as JSON data."""
    return {
        "schema_version": SCHEMA_VERSION,
        "experiments": {
            run.experiment.name: {**_figures(run), "results": [result_json(result) for result in run.results]}
            for run in runs
        },
        **_shared_tables(runs, comparisons, ablation),
    }


def write(
    path: Path, runs: Sequence[Run], comparisons: Mapping[str, Comparison], ablation: Ablation | None = None
) -> None:
    """Write the report atomically: a reader finds the old file or the new one, never half of one.

    The content is that of :func:`build`, but only one problem's samples are in memory at a time.
    """
    # In the same folder, since a rename is atomic only within a file system; with the process's id, since two
    # runs may write to one path at the same time.
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with unfinished.open("w", encoding="utf-8") as out:
            out.writelines(_pieces(runs, _shared_tables(runs, comparisons, ablation)))
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


# Parts of the JSON text are joined by hand, since json has no writer that takes an iterator of items.
def _pieces(runs: Sequence[Run], shared_tables: Mapping[str, Any]) -> Iterator[str]:
    yield f'{{"schema_version": {SCHEMA_VERSION},\n"experiments": {{'
    for place, run in enumerate(runs):
        yield f"{',' if place else ''}\n{json.dumps(run.experiment.name)}: "
        yield json.dumps(_figures(run), indent=1).removesuffix("\n}")
        yield ',\n "results": ['
        for number, result in enumerate(run.results):
            yield f"{',' if number else ''}\n  "
            yield json.dumps(result_json(result))
        yield "]}"
    yield "},\n"
    yield json.dumps(shared_tables, indent=1).removeprefix("{") + "\n"


def _shared_tables(
    runs: Sequence[Run], comparisons: Mapping[str, Comparison], ablation: Ablation | None
) -> dict[str, Any]:
    compared = {name: _comparison(comparison) for name, comparison in comparisons.items()}
    studies = {study.name: study_json(study) for study in studies_of(runs)}
    return {
        "comparison": compared,
        **({"studies": studies} if studies else {}),
        **({} if ablation is None else {"ablation": ablation_json(ablation)}),
    }


def _figures(run: Run) -> dict[str, Any]:
    samples = run.samples
    return {
        "dataset": {"name": run.dataset, "sha256": run.dataset_sha256},
        **_scores(run),
        **repair_json(run),
        **selected_json(run),
        "problems": run.selected,
        "scorable": run.scorable,
        "passed": run.passed,
        "samples": len(samples),
        "shared": run.shared,
        "outcomes": run.outcomes,
        "undecided": run.undecided,
        "not_sampled": run.not_sampled,
        "trained_on": run.trained_on,
        "shows_tests": run.shows_tests,
        "held_out_only": run.trained_on > 0,
        "published": run.published,
        "repairs": run.repairs,
        "repaired": run.repaired,
        "tokens": {
            "prompt": sum(sample.prompt_tokens for sample in samples),
            "completion": sum(sample.completion_tokens for sample in samples),
            **_reasoning_tokens(run),
        },
        **cost_json(run),
        **speed_json(run),
        "seconds": asdict(run.seconds),
        "manifest": dict(run.manifest),
    }


def _reasoning_tokens(run: Run) -> dict[str, int]:
    """Return how many of the completions' tokens are reasoning, where any server said so."""
    known = [sample.reasoning_tokens for sample in run.samples if sample.reasoning_tokens is not None]
    return {"reasoning": sum(known)} if known else {}


def _scores(run: Run) -> dict[str, Any]:
    """Return what is computed from verdicts: null where no sample has one."""
    has_score = run.has_score
    return {
        **(_base_scores(run) if run.has_base_tests else {}),
        "pass@1": run.pass_at[1] if has_score else None,
        "pass@k": {str(k): value if has_score else None for k, value in run.pass_at.items()},
        "ci95": list(run.interval) if has_score else None,
        "pass@1_format_only": run.pass_at_1_format_only if has_score else None,
    }


def _base_scores(run: Run) -> dict[str, Any]:
    """Return the scores by the base tests alone."""
    interval = run.base_interval
    return {
        "pass@1_base": run.pass_at_1_base,
        "pass@k_base": {str(k): run.pass_at_base.get(k) for k in run.pass_at},
        "ci95_base": None if interval is None else list(interval),
        "passed_base": run.base_passed,
    }


def _comparison(comparison: Comparison) -> dict[str, Any]:
    # The entry is a place on this machine, and "source" names it.
    data = {name: value for name, value in asdict(comparison).items() if name != "entry"}
    return {
        **data,
        "distinguishable": comparison.is_distinguishable,
        "decision": comparison.decision.value,
    }
