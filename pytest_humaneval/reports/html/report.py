"""Write the HTML report from its templates, one card after the other, so that few are in memory at a time."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.core.problem import Problem
from pytest_humaneval.core.records import Outcome
from pytest_humaneval.core.results import ProblemResult
from pytest_humaneval.core.scoring.gate import Comparison
from pytest_humaneval.core.scoring.gate_score import gate_score
from pytest_humaneval.core.scoring.paired_matrix import paired_matrices
from pytest_humaneval.core.scoring.problem_insight import ProblemKey
from pytest_humaneval.core.scoring.repaired import repair_figures
from pytest_humaneval.core.scoring.run import Run
from pytest_humaneval.core.scoring.selected import rounds_text
from pytest_humaneval.core.scoring.session_summary import Unfinished
from pytest_humaneval.core.scoring.study import studies_of
from pytest_humaneval.reports import baselines, study_table
from pytest_humaneval.reports.cost_text import amount_text
from pytest_humaneval.reports.dataset_text import heading
from pytest_humaneval.reports.failure_card import FailureCard
from pytest_humaneval.reports.html import card_data, page_data, plots
from pytest_humaneval.reports.html.budget_plot import budget_plots
from pytest_humaneval.reports.html.compressed_json import packed
from pytest_humaneval.reports.html.highlighting import Highlighter
from pytest_humaneval.reports.html.insight import insight
from pytest_humaneval.reports.html.loss_plot import loss_plots
from pytest_humaneval.reports.html.matrix_table import matrix_tables
from pytest_humaneval.reports.html.pages import render, write_pieces
from pytest_humaneval.reports.speed_text import speed_facts
from pytest_humaneval.reports.visible import visible

_SCRIPTS = (
    *("elements", "unpack", "address", "outcomes", "problems", "places"),
    *("columns", "rows", "grid_focus", "grid", "filter", "filter_form", "map", "keys"),
    *("remember", "card_data", "code_colours", "code", "diff", "card_parts", "sample"),
    *("card_columns", "card_strip", "card", "compare", "insight", "live", "main", "theme"),
)
_STYLES = ("colours", "page", "live", "overview", "map", "grid", "card", "code", "plots", "insight")
# Of distinct lines. Pygments takes seconds for a million, which a report of few samples is far below.
_COLOURED_CHARS = 4_000_000

MakeCard = Callable[[str, ProblemResult], FailureCard]
"""Returns the card of an experiment's result."""


_Earlier = Mapping[str, Mapping[str, ProblemResult]]
"""The results of each experiment's baseline, by task id."""


@dataclass(frozen=True)
class Page:
    """The content of the report.

    Attributes:
        runs: the experiments carried out.
        comparisons: by experiment's name, for those with a baseline.
        make_card: returns the card of an experiment's result.
        gate: the gate's decision; None without a gate.
        notes: warnings that a reader must not overlook.
        unfinished: how far the session is, or was when it was interrupted; None for a finished one.
        selected: the selected problems of each experiment of an unfinished session.
    """

    runs: Sequence[Run]
    comparisons: Mapping[str, Comparison]
    make_card: MakeCard
    gate: str | None = None
    notes: Sequence[str] = ()
    unfinished: Unfinished | None = None
    selected: page_data.Selected = field(default_factory=dict)

    @property
    def is_going_on(self) -> bool:
        """Whether the session goes on, so that the page is written again."""
        return self.unfinished is not None and self.unfinished.next_write_s is not None


def write(path: Path, page: Page) -> None:
    """Write the report atomically: a reader finds the old file or the new one, never half of one."""
    write_pieces(path, _pieces(page))


def _pieces(page: Page) -> Iterator[str]:
    # What half of a run seems to say may turn round, and its page is to take little of the run's time.
    finished = () if page.is_going_on else page.runs
    matrices = paired_matrices(finished)
    pairs = [pair for matrix in matrices for pair in matrix.pairs]
    earlier, unread = _earlier(page.comparisons)
    yield from render(
        "report.html.j2",
        _STYLES,
        _SCRIPTS,
        page=page,
        heading=heading(run.dataset for run in page.runs),
        has_several_datasets=len({run.dataset for run in page.runs}) > 1,
        notes=[visible(note) for note in (*page.notes, *unread)],
        outcomes=list(Outcome),
        pairs=pairs,
        matrices=matrix_tables(matrices, page.runs),
        insight=insight(finished, _prompts(page)) if finished else None,
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
        index=packed(page_data.index(page.runs, page.comparisons, pairs, page.selected)),
        cards=_cards(page, earlier),
    )


def _earlier(comparisons: Mapping[str, Comparison]) -> tuple[_Earlier, list[str]]:
    """Return the results of each baseline that was read from a file, and why others cannot be read again."""
    earlier, unread = {}, []
    for name, comparison in comparisons.items():
        if comparison.entry:
            try:
                earlier[name] = baselines.read_results(comparison.entry)
            except ConfigError as error:
                unread.append(f"{name}: the programs of its baseline are not shown: {error}")
    return earlier, unread


def _cards(page: Page, earlier: _Earlier) -> Iterator[tuple[str, str]]:
    """Yield the element id and the data of each card, and of a baseline's samples for the same problem."""
    # A page that is written again soon takes less of the run's time.
    share = 20 if page.is_going_on else 1
    highlighter = Highlighter(_COLOURED_CHARS // share)
    for place, experiment, result in page_data.places(page.runs, page.selected):
        yield place, packed(card_data.card(page.make_card(experiment, result), highlighter))
        if before := earlier.get(experiment, {}).get(result.task_id):
            yield place.replace("card", "baseline", 1), packed(card_data.baseline_card(before, highlighter))


def _prompts(page: Page) -> dict[ProblemKey, Problem]:
    """Return the problems whose text is known, each once."""
    results = {
        (result.task_id, result.entry_point): (run.experiment.name, result)
        for run in reversed(page.runs)
        for result in run.results
    }
    problems = {key: page.make_card(*result).problem for key, result in results.items()}
    return {key: problem for key, problem in problems.items() if problem.prompt}


def _manifest(runs: Sequence[Run]) -> list[tuple[str, list[str], bool]]:
    """Return a row per key of the manifests: key, value in each run, and whether the values differ."""
    flat = [dict(_flat(run.manifest)) for run in runs]
    keys = dict.fromkeys(key for manifest in flat for key in manifest)
    rows = [(key, [manifest.get(key, "") for manifest in flat]) for key in keys]
    # When a run ended is no setting.
    return [(key, values, len(set(values)) > 1 and key != "date") for key, values in rows]


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
