"""A score of the past: what a history keeps of one experiment in one report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from operator import index
from pathlib import Path
from typing import Any

from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.core.records import Outcome
from pytest_humaneval.core.scoring.baseline import Scores, judged_share
from pytest_humaneval.core.scoring.flips import Flips
from pytest_humaneval.core.scoring.selected import rounds_text
from pytest_humaneval.reports.json_report_reader import dataset_name, read_experiments
from pytest_humaneval.reports.selected_text import SELECTED
from pytest_humaneval.reports.visible import visible

HASH_CHARS = 12
"""How much of a hash is shown."""


@dataclass(frozen=True)
class PastScore:
    """The score of one experiment in one report; what a model or a file wrote is escaped.

    Attributes:
        report: the file's name.
        experiment: the experiment's name.
        dataset_sha256: the dataset.
        pass_at_1: its pass@1; None if no sample had a verdict.
        ci95: the 95 % interval of that; None without a score.
        problems: number of problems that were run.
        scorable: number of problems of the dataset that it may be scored on; 0 if the report does not say so.
        commit: the commit of the project at that time, and whether files differed from it; empty if unknown.
        date: when the run ended, in UTC; None in reports of earlier versions.
        dataset: the dataset's name; empty if the report does not say it.
        pass_at_1_base: its pass@1 by the base tests alone; None where there is none.
        selected_score: its selected@1; None where there is none.
        selected: the same and among how many samples was chosen, as text; empty where there is none.
        after_repair: its pass@1 after rounds of repair and how many those were, as text; empty if none.
        problem_scores: pass@1 of each problem.
        flips: what changed since the report before; None for the first, and where nothing is comparable.
    """

    report: str
    experiment: str
    dataset_sha256: str
    pass_at_1: float | None
    ci95: tuple[float, float] | None
    problems: int
    scorable: int
    commit: str
    date: datetime | None = None
    dataset: str = ""
    pass_at_1_base: float | None = None
    selected_score: float | None = None
    selected: str = ""
    after_repair: str = ""
    problem_scores: Scores = field(default_factory=dict, repr=False)
    flips: Flips | None = None


def past_scores(path: Path) -> list[PastScore]:
    """Return the scores of a report; none if the file is not one."""
    try:
        return [_score(path, name, entry) for name, entry in read_experiments(path).items()]
    # The exceptions that bad data raises on the way are the check.
    except (ConfigError, LookupError, TypeError, ValueError, AttributeError):
        return []


def in_a_line(text: str) -> str:
    """Return a text of somebody else's with its line ends, tabs and invisible characters as escapes."""
    return visible(text).replace("\n", "\\n").replace("\t", "\\t")


def _score(path: Path, name: str, entry: Mapping[str, Any]) -> PastScore:
    manifest = entry["manifest"]
    ci95 = entry["ci95"]
    return PastScore(
        report=in_a_line(path.name),
        experiment=in_a_line(name),
        dataset_sha256=str(manifest["dataset_sha256"]),
        pass_at_1=None if entry["pass@1"] is None else _share(entry["pass@1"]),
        ci95=None if ci95 is None else (_share(ci95[0]), _share(ci95[1])),
        problems=index(entry["problems"]),
        scorable=index(entry.get("scorable", 0)),
        commit=_commit(manifest.get("git")),
        date=_date(manifest.get("date")),
        dataset=in_a_line(dataset_name(entry)),
        pass_at_1_base=None if entry.get("pass@1_base") is None else _share(entry["pass@1_base"]),
        selected_score=None if entry.get("selected@1") is None else _share(entry["selected@1"]),
        selected=_selected(entry),
        after_repair=_after_repair(entry),
        problem_scores={
            in_a_line(result["task_id"]): judged_share(
                [Outcome(sample["outcome"]) for sample in result["samples"]]
            )
            for result in entry["results"]
        },
    )


def _date(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text).astimezone(timezone.utc)


def _selected(entry: Mapping[str, Any]) -> str:
    if entry.get("selected@1") is None:
        return ""
    name = in_a_line(entry["selection"]["name"])
    return f"{_share(entry['selected@1']):.1%} {name.removeprefix(SELECTED).strip()}"


def _after_repair(entry: Mapping[str, Any]) -> str:
    if entry.get("repair_rounds") is None:
        return ""
    figures = entry["repair_rounds"]
    return f"{_share(figures['score']):.1%} ({rounds_text(index(figures['rounds']))})"


def _share(value: float) -> float:
    if not 0 <= value <= 1:
        raise ValueError(f"{value} is not a share")
    return float(value)


def _commit(git: Mapping[str, Any] | None) -> str:
    if not git or not git.get("commit"):
        return ""
    dirty = " (dirty)" if git.get("dirty") else ""
    return in_a_line(str(git["commit"])[:HASH_CHARS]) + dirty
