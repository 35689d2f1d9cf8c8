"""Find, save and read baselines: earlier reports to compare with, by path or by the name of a saved one.

Saved ones are files of a folder such as ``0001_main.json``, ``0002_main.json``, ``0003_nightly.json``: a
number that only ever grows, and the name. ``main`` means the newest with that name, ``0001`` and
``0001_main`` exactly that one.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from pytest_humaneval.core.config.did_you_mean import suggest
from pytest_humaneval.core.datasets.dataset import Dataset
from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.core.results import ProblemResult
from pytest_humaneval.core.scoring.baseline import Baseline, ReportEntry, baseline_of
from pytest_humaneval.core.scoring.gate_score import ONE_SAMPLE
from pytest_humaneval.reports.json_report_reader import read_entry, read_experiments

_SAVED = re.compile(r"(?P<number>\d{4,})_(?P<name>.+)\.json")


def find(what: str | Path, folder: Path) -> Path:
    """Return the file of a baseline: a path unchanged, for a name the newest one of that name in ``folder``.

    Raises:
        ConfigError: none was saved under that name; the closest one is suggested.
    """
    if isinstance(what, Path):
        return what
    saved = _saved(folder)
    for match in reversed(saved):
        if what in (match["name"], match["number"], f"{match['number']}_{match['name']}"):
            return folder / match.string
    names = {match["name"]: None for match in saved}
    raise ConfigError(
        f"--humaneval-baseline: {folder} has no baseline called {what!r}; {suggest(what, names)} "
        f"Save one with --humaneval-save-baseline={what}, or write a report's path, such as ./{what}.json"
    )


def save(write: Callable[[Path], None], name: str, folder: Path) -> Path:
    """Have ``write`` create the newest baseline of a name, and return its file; no other file is changed.

    Raises:
        OSError: it cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    number = max((int(match["number"]) for match in _saved(folder)), default=0) + 1
    path = folder / f"{number:04}_{name}.json"
    # Fails if another run has taken the number meanwhile, instead of overwriting its baseline.
    path.touch(exist_ok=False)
    write(path)
    return path


def read(path: Path, name: str, is_only: bool, dataset: Dataset, on: str = ONE_SAMPLE) -> Baseline:
    """Return an experiment's baseline: the one with its name, or the only one if both are alone.

    Args:
        path: a report.
        name: the experiment's name.
        is_only: whether no other experiment is run.
        dataset: the one that is run.
        on: the score that is compared.

    Raises:
        ConfigError: the file is not a report, lacks the experiment or the score, or is of another dataset.
    """
    experiments = read_experiments(path)
    found = next(iter(experiments)) if is_only and len(experiments) == 1 else name
    if found not in experiments:
        raise ConfigError(f"{path}: no experiment {name!r} to compare with; {suggest(name, experiments)}")
    manifest, results = read_entry(path, found, experiments[found], dataset)
    source = path.name if found == name else f"{path.name}, experiment {found}"
    baseline = replace(baseline_of(results, manifest, source), entry=ReportEntry(path, found))
    if on != ONE_SAMPLE and not baseline.selected_scores:
        raise ConfigError(
            f"{path}, experiment {found!r}: has no {on} to compare with, since its samples were not chosen "
            "from; name a report of a run with select, or gate on pass@1"
        )
    return baseline


def read_results(entry: ReportEntry) -> dict[str, ProblemResult]:
    """Return the results of a baseline by task id, with the texts of their samples.

    Raises:
        ConfigError: the file is no longer such a report.
    """
    found = read_experiments(entry.path).get(entry.experiment)
    return {result.task_id: result for result in read_entry(entry.path, entry.experiment, found)[1]}


def saved_number(file_name: str) -> int | None:
    """Return the number of a saved baseline; None if the file is not called like one."""
    match = _SAVED.fullmatch(file_name)
    return int(match["number"]) if match else None


def _saved(folder: Path) -> list[re.Match[str]]:
    """Return the matched file names of the saved baselines, sorted by number."""
    names = sorted(path.name for path in folder.glob("*.json")) if folder.is_dir() else []
    found = [match for name in names if (match := _SAVED.fullmatch(name))]
    # By value: as text, 10000 would come before 9999.
    return sorted(found, key=lambda match: int(match["number"]))
