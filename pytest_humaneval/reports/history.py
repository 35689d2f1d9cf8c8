"""The history of scores: the figures of all JSON reports of a folder, oldest first, and their table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import index
from pathlib import Path
from typing import Any

from pytest_humaneval.core.datasets.dataset import HUMANEVAL
from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.core.scoring.selected import rounds_text
from pytest_humaneval.reports.baselines import saved_number
from pytest_humaneval.reports.json_report_reader import dataset_name, read_experiments
from pytest_humaneval.reports.repair_text import AFTER_REPAIR
from pytest_humaneval.reports.score_text import BASE
from pytest_humaneval.reports.selected_text import SELECTED
from pytest_humaneval.reports.table import aligned
from pytest_humaneval.reports.visible import visible

_HEADINGS = ("report", "pass@1", BASE, "95% interval", AFTER_REPAIR, SELECTED, "problems", "commit")

_UNKNOWN = "-"
_HASH_CHARS = 12


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
        dataset: the dataset's name; empty if the report does not say it.
        pass_at_1_base: its pass@1 by the base tests alone; None where there is none.
        selected: its selected@1 and among how many samples was chosen, as text; empty where there is none.
        after_repair: its pass@1 after rounds of repair and how many those were, as text; empty if none.
        commit: the commit of the project at that time, and whether files differed from it; empty if unknown.
    """

    report: str
    experiment: str
    dataset_sha256: str
    pass_at_1: float | None
    ci95: tuple[float, float] | None
    problems: int
    scorable: int
    commit: str
    dataset: str = ""
    pass_at_1_base: float | None = None
    selected: str = ""
    after_repair: str = ""

    @property
    def cells(self) -> tuple[str, ...]:
        """The texts of its row in a table, under ``_HEADINGS``."""
        problems = str(self.problems)
        if self.problems < self.scorable:
            problems += f" of {self.scorable}"
        if self.pass_at_1 is None or self.ci95 is None:
            score, interval = _UNKNOWN, _UNKNOWN
        else:
            score, interval = f"{self.pass_at_1:.1%}", "{:.1%} - {:.1%}".format(*self.ci95)
        base = _UNKNOWN if self.pass_at_1_base is None else f"{self.pass_at_1_base:.1%}"
        further = (self.after_repair or _UNKNOWN, self.selected or _UNKNOWN)
        return self.report, score, base, interval, *further, problems, self.commit or _UNKNOWN


@dataclass(frozen=True)
class History:
    """The scores of a folder.

    Attributes:
        scores: oldest first, by title: the experiment's name, and the dataset where there are several.
        reports: number of reports.
        skipped: number of JSON files that are no reports.
    """

    scores: Mapping[str, Sequence[PastScore]]
    reports: int
    skipped: int

    @property
    def summary(self) -> str:
        """How many files there are."""
        found = f"{self.reports} {_plural(self.reports, 'report')}"
        if not self.skipped:
            return found
        return f"{found}; {self.skipped} other JSON {_plural(self.skipped, 'file')} left out"


def read_history(folder: Path) -> History:
    """Read the figures of the JSON reports of a folder; one report at a time is in memory.

    Saved baselines are in the order of their numbers; other reports follow in that of the files' times.

    Raises:
        ConfigError: there is no such folder, or no report in it.
    """
    if not folder.is_dir():
        raise ConfigError(f"{folder}: not a folder; expected one of JSON reports or saved baselines")
    read = [_scores(path) for path in sorted(folder.glob("*.json"), key=_age)]
    reports = [scores for scores in read if scores]
    if not reports:
        others = f", but {len(read)} other JSON {_plural(len(read), 'file')}" if read else ""
        raise ConfigError(
            f"{folder}: no report in it{others}; expected files written with --humaneval-report or "
            "--humaneval-save-baseline"
        )
    scores = [score for report in reports for score in report]
    return History(_by_title(scores), len(reports), len(read) - len(reports))


def history_lines(history: History) -> Iterator[str]:
    """Yield the history as lines: a table for each experiment, and how many files there are."""
    for title, scores in history.scores.items():
        yield title
        yield from (f"  {line}" for line in aligned(table(scores)))
        yield ""
    yield history.summary


def table(scores: Sequence[PastScore]) -> list[tuple[str, ...]]:
    """Return the headings and a row for each score, with a column for each kind that any report has."""
    rows = [_HEADINGS, *(score.cells for score in scores)]
    has = {
        BASE: any(score.pass_at_1_base is not None for score in scores),
        AFTER_REPAIR: any(score.after_repair for score in scores),
        SELECTED: any(score.selected for score in scores),
    }
    shown = [place for place, name in enumerate(_HEADINGS) if has.get(name, True)]
    return [tuple(row[place] for place in shown) for row in rows]


def _age(path: Path) -> tuple[bool, float, str]:
    number = saved_number(path.name)
    # lstat: a link that leads nowhere has a time, too.
    return number is None, path.lstat().st_mtime if number is None else number, path.name


def _scores(path: Path) -> list[PastScore]:
    """Return the scores of a report; none if the file is not one."""
    try:
        return [_score(path, name, entry) for name, entry in read_experiments(path).items()]
    # The exceptions that bad data raises on the way are the check.
    except (ConfigError, LookupError, TypeError, ValueError, AttributeError):
        return []


def _score(path: Path, name: str, entry: Mapping[str, Any]) -> PastScore:
    manifest = entry["manifest"]
    ci95 = entry["ci95"]
    return PastScore(
        report=_in_a_line(path.name),
        experiment=_in_a_line(name),
        dataset_sha256=str(manifest["dataset_sha256"]),
        pass_at_1=None if entry["pass@1"] is None else _share(entry["pass@1"]),
        ci95=None if ci95 is None else (_share(ci95[0]), _share(ci95[1])),
        problems=index(entry["problems"]),
        scorable=index(entry.get("scorable", 0)),
        commit=_commit(manifest.get("git")),
        dataset=_in_a_line(dataset_name(entry)),
        pass_at_1_base=None if entry.get("pass@1_base") is None else _share(entry["pass@1_base"]),
        selected=_selected(entry),
        after_repair=_after_repair(entry),
    )


def _selected(entry: Mapping[str, Any]) -> str:
    if entry.get("selected@1") is None:
        return ""
    name = _in_a_line(entry["selection"]["name"])
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
    return _in_a_line(str(git["commit"])[:_HASH_CHARS]) + dirty


def _by_title(scores: Sequence[PastScore]) -> dict[str, list[PastScore]]:
    """Return the scores of each experiment; on two datasets they are not comparable, and apart."""
    hashes = {(score.experiment, score.dataset_sha256): score for score in scores}
    found: dict[str, list[PastScore]] = {}
    for score in scores:
        others = [each for each in hashes.values() if each.experiment == score.experiment]
        title = f"{score.experiment}{_dataset(score, others)}"
        found.setdefault(title, []).append(score)
    return found


def _dataset(score: PastScore, others: Sequence[PastScore]) -> str:
    """Return what a title says of the dataset: nothing of HumanEval alone, else its name or its hash.

    ``others`` has a score of each dataset of that experiment.
    """
    sha256 = _in_a_line(score.dataset_sha256[:_HASH_CHARS])
    is_unique = sum(each.dataset == score.dataset for each in others) == 1
    if len(others) > 1 and not (score.dataset and is_unique):
        return f", dataset {score.dataset} {sha256}" if score.dataset else f", dataset {sha256}"
    is_plain = len(others) == 1 and score.dataset in ("", HUMANEVAL)
    return "" if is_plain else f", dataset {score.dataset}"


def _in_a_line(text: str) -> str:
    return visible(text).replace("\n", "\\n").replace("\t", "\\t")


def _plural(count: int, noun: str) -> str:
    return noun if count == 1 else f"{noun}s"
