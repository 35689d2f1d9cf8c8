"""A run as a user of Python has it: figures, comparison, tables, and how it shows itself."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterator
from dataclasses import dataclass, fields
from html import escape
from typing import TYPE_CHECKING, Any

from pytest_humaneval.core.datasets.dataset import HUMANEVAL
from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.core.results_json import sample_to_json
from pytest_humaneval.core.scoring import gate
from pytest_humaneval.core.scoring import run as core
from pytest_humaneval.core.scoring.baseline import baseline_of
from pytest_humaneval.core.scoring.gate_score import ONE_SAMPLE
from pytest_humaneval.core.spool import Spooled
from pytest_humaneval.reports import json_report
from pytest_humaneval.reports.json_report_reader import described
from pytest_humaneval.reports.score_text import base_cell, score_cells
from pytest_humaneval.reports.selected_text import SELECTED, selected_cell
from pytest_humaneval.reports.visible import visible

if TYPE_CHECKING:
    import pandas as pd

_COLUMNS = ("experiment", "task_id", "entry_point", "sample_index", "outcome")
"""The first columns of the table; a run without any sample has just these."""


@dataclass(frozen=True, repr=False)
class Run(core.Run):
    """One experiment carried out; a context manager.

    The samples' texts may lie in a temporary file. :meth:`close`, or the end of a ``with`` block, releases
    it: the figures stay, and reading a text raises an error.
    """

    @property
    def name(self) -> str:
        """The experiment's name."""
        return self.experiment.name

    def compare(self, other: core.Run) -> gate.Comparison:
        """Compare this run with an earlier one, problem by problem, by an exact paired test.

        Args:
            other: the baseline.

        Raises:
            ConfigError: the other is of another dataset.
        """
        return compare_runs(self, other)

    def to_dict(self) -> dict[str, Any]:
        """Return all of it as JSON data: the entry of this experiment in the JSON report."""
        entry = json_report.build([self], {})["experiments"][self.name]
        # As it comes back from a file: lists for tuples.
        data: dict[str, Any] = json.loads(json.dumps(entry))
        return data

    def to_pandas(self) -> pd.DataFrame:
        """Return a table with a row for each sample.

        Raises:
            ConfigError: pandas is not installed.
        """
        if importlib.util.find_spec("pandas") is None:
            raise ConfigError(
                "to_pandas: needs pandas, install it with: pip install 'pytest-humaneval[pandas]'"
            )
        import pandas as pd

        rows = list(self._rows())
        table = pd.DataFrame(rows, columns=None if rows else list(_COLUMNS), dtype=object)
        # Texts stay Python's: a model may write lone surrogates, which no other type of text can hold.
        numbers = [name for name in table if not any(isinstance(value, str) for value in table[name])]
        return table.astype(table[numbers].infer_objects().dtypes.to_dict())

    def close(self) -> None:
        """Release the temporary file of the samples' texts; a second time does nothing."""
        # Reads what the figures need.
        _ = self.samples
        for result in self.results:
            if isinstance(result.samples, Spooled):
                result.samples.close()

    def __enter__(self) -> Run:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        score, interval, passed = score_cells(self)
        name = visible(self.name).replace("\n", "\\n")
        where = "" if self.dataset == HUMANEVAL else f" on {visible(self.dataset)}"
        base = f", base {base_cell(self)}" if self.has_base_tests else ""
        selected = f", {SELECTED} {selected_cell(self)}" if self.selected_figures else ""
        scores = f"pass@1 {score} (95 % interval {interval}){base}{selected}"
        return f"<Run {name}{where}: {scores}, {passed} problems passed>"

    def _repr_html_(self) -> str:
        score, interval, passed = score_cells(self)
        outcomes = ", ".join(f"{count} {outcome}" for outcome, count in self.outcomes.items())
        cells = {
            "experiment": visible(self.name),
            **({} if self.dataset == HUMANEVAL else {"dataset": visible(self.dataset)}),
            "pass@1": score,
            **({"base": base_cell(self)} if self.has_base_tests else {}),
            "95% interval": interval,
            **({SELECTED: selected_cell(self)} if self.selected_figures else {}),
            "passed": passed,
            "outcomes": outcomes,
        }
        head = "".join(f"<th>{escape(heading)}</th>" for heading in cells)
        body = "".join(f"<td>{escape(cell)}</td>" for cell in cells.values())
        return f"<table><thead><tr>{head}</tr></thead><tbody><tr>{body}</tr></tbody></table>"

    def _rows(self) -> Iterator[dict[str, Any]]:
        for result in self.results:
            for place, sample in enumerate(result.samples):
                values = (self.name, result.task_id, result.entry_point, sample.sample_index)
                yield {
                    **dict(zip(_COLUMNS, values, strict=False)),
                    **sample_to_json(sample),
                    "steps": [step.name for step in sample.steps],
                    "shared": sample.sample_index in result.shared,
                    **({"selected": place == result.selected} if self.selected_figures else {}),
                }


def public(run: core.Run) -> Run:
    """Return a run of the engine as one of the API."""
    return Run(**{field.name: getattr(run, field.name) for field in fields(run)})


def compare_runs(run: core.Run, earlier: core.Run, source: str = "") -> gate.Comparison:
    """Compare a run with an earlier one.

    Args:
        run: the newer one.
        earlier: the baseline.
        source: the report that the baseline was read from.

    Raises:
        ConfigError: they are of different datasets, or the earlier one lacks the score.
    """
    if earlier.dataset_sha256 != run.dataset_sha256:
        its, here = (visible(described(each.dataset, each.dataset_sha256)) for each in (earlier, run))
        raise ConfigError(
            f"compare: {visible(earlier.experiment.name)!r} was run on another dataset ({its}; here {here}); "
            "compare runs on the same one"
        )
    baseline = baseline_of(earlier.results, earlier.manifest, source)
    if run.experiment.gate_on != ONE_SAMPLE and not baseline.selected_scores:
        raise ConfigError(
            f"compare: {visible(earlier.experiment.name)!r} has no {run.experiment.gate_on}, since its "
            "samples were not chosen from; compare with a run with select"
        )
    return gate.compare(run, baseline)
