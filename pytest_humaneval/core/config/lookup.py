"""Where an experiments file is looked for."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from pytest_humaneval.core.config.shipped import EXPERIMENTS

_NAME = "experiments.toml"


class ExperimentsFile(NamedTuple):
    """The experiments file in use, and another one that a user may have meant; None if there is none."""

    path: Path
    unread: Path | None


def find_experiments_file(rootdir: Path, current: Path) -> ExperimentsFile:
    """Look in ``rootdir``, then from the ``current`` folder upward to the root of its checkout.

    Without a checkout the current folder alone is looked in. Where there is none, it is the shipped one.
    """
    upward = (current, *current.parents)
    # Of a linked worktree, .git is a file.
    root = next((folder for folder in upward if (folder / ".git").exists()), current)
    searched = (rootdir, *upward[: upward.index(root) + 1])
    existing = [path for folder in (rootdir, *upward) if (path := folder / _NAME).is_file()]
    path = next((path for path in existing if path.parent in searched), EXPERIMENTS)
    return ExperimentsFile(path, next((other for other in existing if not other.samefile(path)), None))
