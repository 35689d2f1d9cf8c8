"""A report: every judged sample as a line of a CSV file, for a spreadsheet."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pytest_humaneval.core.scoring.session_summary import SessionSummary
from pytest_humaneval.evaluation.plan import Plan


@dataclass(frozen=True)
class CsvReport:
    """Writes to ``path``."""

    path: Path

    def write(self, session: SessionSummary) -> Iterator[str]:
        """Write the file, and say where it is."""
        with self.path.open("w", newline="", encoding="utf-8") as out:
            table = csv.writer(out)
            table.writerow(["experiment", "task_id", "sample", "outcome", "seconds"])
            for run in session.runs:
                for result in run.results:
                    for sample in result.samples:
                        row = [sample.sample_index, sample.outcome.value, sample.seconds]
                        table.writerow([run.experiment.name, result.task_id, *row])
        yield f"CSV report: {self.path}"


def open_csv(_plan: Plan, path: Path | None) -> CsvReport | None:
    """Open the report where ``--humaneval-write csv=PATH`` asks for it."""
    return None if path is None else CsvReport(path)
