"""Write the HTML report from its templates, one card after the other, so that few are in memory at a time."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

from pytest_humaneval.core.records import Outcome
from pytest_humaneval.core.results import ProblemResult
from pytest_humaneval.core.scoring.baseline import Baseline
from pytest_humaneval.core.scoring.gate import Comparison, compare
from pytest_humaneval.core.scoring.gate_score import ONE_SAMPLE, gate_score
from pytest_humaneval.core.scoring.repaired import repair_figures
from pytest_humaneval.core.scoring.run import Run
from pytest_humaneval.core.scoring.selected import rounds_text
from pytest_humaneval.core.scoring.study import studies_of
from pytest_humaneval.reports import study_table
from pytest_humaneval.reports.cost_text import amount_text
from pytest_humaneval.reports.dataset_text import heading
from pytest_humaneval.reports.failure_card import FailureCard
from pytest_humaneval.reports.html import card_data, page_data, plots
from pytest_humaneval.reports.html.budget_plot import budget_plots
from pytest_humaneval.reports.html.compressed_json import packed
from pytest_humaneval.reports.html.highlighting import Highlighter
from pytest_humaneval.reports.html.loss_plot import loss_plots
from pytest_humaneval.reports.html.pages import render, write_pieces
from pytest_humaneval.reports.speed_text import speed_facts
from pytest_humaneval.reports.visible import visible

_SCRIPTS = (
    *("elements", "unpack", "address", "outcomes", "places", "grid", "filter"),
    *("remember", "card_data", "code_colours", "code", "diff", "card_parts", "sample"),
    *("card_columns", "card_strip", "card", "compare", "main", "theme"),
)
_STYLES = ("colours", "page", "overview", "grid", "card", "code", "plots")
# The number of pairs of ten experiments: a longer list of choices helps nobody.
_MAX_PAIRS = 45
# Pygments takes about a second for a million, which a report of few samples is far below.
_COLOURED_CHARS = 20_000_000

MakeCard = Callable[[str, ProblemResult], FailureCard]
"""Returns the card of an experiment's result."""


@dataclass(frozen=True)
class Page:
    """The content of the report.

    Attributes:
        runs: the experiments carried out.
        comparisons: by experiment's name, for those with a baseline.
        make_card: returns the card of an experiment's result.
        gate: the gate's decision; None without a gate.
        notes: warnings that a reader must not overlook.
    """

    runs: Sequence[Run]
    comparisons: Mapping[str, Comparison]
    make_card: MakeCard
    gate: str | None = None
    notes: Sequence[str] = ()


def write(path: Path, page: Page) -> None:
    """Write the report atomically: a reader finds the old file or the new one, never half of one."""
    write_pieces(path, _pieces(page))


def _pieces(page: Page) -> Iterator[str]:
    pairs = list(_pairs(page.runs))
    yield from render(
        "report.html.j2",
        _STYLES,
        _SCRIPTS,
        page=page,
        heading=heading(run.dataset for run in page.runs),
        has_several_datasets=len({run.dataset for run in page.runs}) > 1,
        notes=[visible(note) for note in page.notes],
        outcomes=list(Outcome),
        pairs=pairs,
        studies=studies_of(page.runs),
        study_table=study_table,
        curves=plots.pass_at_k_curves(page.runs),
        budgets=budget_plots(page.runs),
        losses=loss_plots(page.runs),
        lengths=plots.length_histograms(page.runs),
        times=plots.time_histograms(page.runs),
        box=plots,
        gate_score=gate_score,
        amount_text=amount_text,
        repair_figures=repair_figures,
        speed_facts=speed_facts,
        rounds_text=rounds_text,
        manifest=_manifest(page.runs),
        index=packed(page_data.index(page.runs, page.comparisons, pairs)),
        cards=_cards(page),
    )


def _cards(page: Page) -> Iterator[tuple[str, str]]:
    highlighter = Highlighter(_COLOURED_CHARS)
    for place, experiment, result in page_data.places(page.runs):
        yield place, packed(card_data.card(page.make_card(experiment, result), highlighter))


def _pairs(runs: Sequence[Run]) -> Iterator[page_data.ComparedPair]:
    """Compare every two experiments on one dataset; the later one in the list counts as the newer."""
    scored = combinations([run for run in runs if run.has_score], 2)
    pairs = [(old, new) for old, new in scored if old.dataset_sha256 == new.dataset_sha256]
    for old, new in pairs if len(pairs) <= _MAX_PAIRS else []:
        yield new.experiment.name, old.experiment.name, compare(new, _baseline(old), ONE_SAMPLE)


def _baseline(run: Run) -> Baseline:
    lost = {result.task_id for result in run.results if result.outcome is Outcome.INFRA_ERROR}
    scores = {task_id: None if task_id in lost else score for task_id, score in run.scores.items()}
    return Baseline(scores, source=run.experiment.name)


def _manifest(runs: Sequence[Run]) -> list[tuple[str, list[str], bool]]:
    """Return a row per key of the manifests: key, value in each run, and whether the values differ."""
    flat = [dict(_flat(run.manifest)) for run in runs]
    keys = dict.fromkeys(key for manifest in flat for key in manifest)
    rows = [(key, [manifest.get(key, "") for manifest in flat]) for key in keys]
    return [(key, values, len(set(values)) > 1) for key, values in rows]


def _flat(value: Any, key: str = "") -> Iterator[tuple[str, str]]:  # noqa: ANN401 (any JSON data)
    if isinstance(value, Mapping):
        for name, inner in value.items():
            # It is drawn, and hundreds of points long.
            if name == "curve":
                continue
            yield from _flat(inner, f"{key}.{name}" if key else str(name))
    else:
        yield key, "–" if value in (None, (), []) else _shown(value)  # noqa: RUF001 (an en dash for nothing)


def _shown(value: object) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (list, tuple)) else str(value)
