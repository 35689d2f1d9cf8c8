"""The history of scores: the figures of all JSON reports of a folder, oldest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from pytest_humaneval.core.datasets.dataset import HUMANEVAL
from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.core.scoring.flips import flips
from pytest_humaneval.reports.baselines import saved_number
from pytest_humaneval.reports.counted import counted
from pytest_humaneval.reports.past_score import HASH_CHARS, PastScore, in_a_line, past_scores

_NAMES_SHOWN = 5


@dataclass(frozen=True)
class History:
    """The scores of a folder.

    Attributes:
        scores: oldest first, by title: the experiment's name, and the dataset where there are several.
        reports: number of reports.
        skipped: the names of the JSON files that are no reports.
    """

    scores: Mapping[str, Sequence[PastScore]]
    reports: int
    skipped: tuple[str, ...]

    @property
    def summary(self) -> str:
        """How many files there are."""
        found = counted(self.reports, "report")
        if not self.skipped:
            return found
        return f"{found}; {_others(self.skipped)} left out: {_listed(self.skipped)}"


def read_history(folder: Path) -> History:
    """Read the figures of the JSON reports of a folder; one report at a time is in memory.

    Saved baselines are in the order of their numbers; other reports follow in that of their dates, or of the
    files' times where they have none.

    Raises:
        ConfigError: there is no such folder, or no report in it.
    """
    if not folder.is_dir():
        raise ConfigError(f"{folder}: not a folder; expected one of JSON reports or saved baselines")
    paths = sorted(folder.glob("*.json"))
    read = {path: past_scores(path) for path in paths}
    reports = sorted((path for path in paths if read[path]), key=lambda path: _age(path, read[path]))
    skipped = tuple(in_a_line(path.name) for path in paths if not read[path])
    if not reports:
        others = f", but {_others(skipped)} ({_listed(skipped)})" if skipped else ""
        raise ConfigError(
            f"{folder}: no report in it{others}; expected files written with --humaneval-report or "
            "--humaneval-save-baseline"
        )
    by_title = _by_title([score for path in reports for score in read[path]])
    return History({title: _compared(scores) for title, scores in by_title.items()}, len(reports), skipped)


def _age(path: Path, scores: Sequence[PastScore]) -> tuple[bool, float, str]:
    number = saved_number(path.name)
    if number is not None:
        return False, number, path.name
    # lstat: a link that leads nowhere has a time, too.
    date = scores[0].date
    return True, path.lstat().st_mtime if date is None else date.timestamp(), path.name


def _compared(scores: Sequence[PastScore]) -> list[PastScore]:
    """Return the scores, oldest first, each with what changed since the one before."""
    later = (
        replace(now, flips=flips(old.problem_scores, now.problem_scores)) for old, now in pairwise(scores)
    )
    return [*scores[:1], *later]


def _others(names: Sequence[str]) -> str:
    return counted(len(names), "other JSON file")


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMES_SHOWN} more" if len(names) > _NAMES_SHOWN else ""
    return ", ".join(names[:_NAMES_SHOWN]) + more


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
    sha256 = in_a_line(score.dataset_sha256[:HASH_CHARS])
    is_unique = sum(each.dataset == score.dataset for each in others) == 1
    if len(others) > 1 and not (score.dataset and is_unique):
        return f", dataset {score.dataset} {sha256}" if score.dataset else f", dataset {sha256}"
    is_plain = len(others) == 1 and score.dataset in ("", HUMANEVAL)
    return "" if is_plain else f", dataset {score.dataset}"
