"""Which problems' candidates took long in earlier runs: they go first, so that none of them ends a run alone.

The times are in a file beside the completions, where these are kept in a folder. Nothing but the order of
requests and of execution depends on it: one that is lost or broken costs a little time.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from pytest_humaneval.core.scoring.run import Run
from pytest_humaneval.evaluation.plan import Key, Plan, Selection
from pytest_humaneval.store.open_store import OFF

FILE_NAME: Final = "long_candidates.json"
LONG_S: Final = 0.5
"""What is long, in CPU seconds: a hundred times what most take."""


def long_candidates(plan: Plan) -> dict[Key, float]:
    """Return the seconds of the longest candidate of each problem that had a long one; nothing if unknown."""
    known = _read(_path(plan))
    return {
        (name, task_id): seconds
        for name in plan.experiments
        for task_id, seconds in known.get(plan.datasets[name].sha256, {}).items()
    }


def ordered(selection: Selection, seconds: Mapping[Key, float]) -> dict[str, Sequence[str]]:
    """Return a selection with the problems that take long first, and the others in their order."""
    return {
        name: sorted(task_ids, key=lambda task_id: -seconds.get((name, task_id), 0.0))
        for name, task_ids in selection.items()
    }


def remember(plan: Plan, runs: Iterable[Run]) -> None:
    """Note which problems had a long candidate in these runs, in place of what is known of these problems."""
    path = _path(plan)
    if path is None:
        return
    before = _read(path)
    known = dict(before)
    for run in runs:
        sha256 = plan.datasets[run.experiment.name].sha256
        seconds = known.get(sha256, {}) | _longest(run)
        long = {task_id: each for task_id, each in seconds.items() if each >= LONG_S}
        if long or sha256 in known:
            known[sha256] = long
    if known != before:
        _write(path, known)


def _longest(run: Run) -> dict[str, float]:
    """Return the seconds of each problem's longest candidate."""
    return {
        result.task_id: max(sample.seconds for sample in result.figures)
        for result in run.results
        if result.figures
    }


def _path(plan: Plan) -> Path | None:
    """Return the file's path; None where completions are kept in no folder."""
    where = plan.settings.cache
    is_folder = where != OFF and "://" not in where
    return plan.settings.rootdir / Path(where).expanduser() / FILE_NAME if is_folder else None


def _read(path: Path | None) -> dict[str, dict[str, float]]:
    """Return what is known: by the dataset's hash, the seconds by task id."""
    if path is None:
        return {}
    try:
        content: Any = json.loads(path.read_bytes())
        return {
            sha256: {task_id: float(each) for task_id, each in seconds.items()}
            for sha256, seconds in content.items()
        }
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def _write(path: Path, known: Mapping[str, Mapping[str, float]]) -> None:
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    # Without it, the next run takes a little longer.
    with suppress(OSError):
        unfinished.write_text(json.dumps(known, indent=1), encoding="utf-8")
        unfinished.replace(path)
