"""The dataset that a caller names: by a name, or by the path of its file."""

from __future__ import annotations

from pathlib import Path

from pytest_humaneval.core.config.did_you_mean import suggest
from pytest_humaneval.core.config.settings import is_dataset_name
from pytest_humaneval.core.datasets import RELEASES, find_file
from pytest_humaneval.core.datasets.dataset import HUMANEVAL
from pytest_humaneval.core.errors import ConfigError

DATASET = HUMANEVAL
"""The name of the dataset that is used where none is given."""


def named_or_path(dataset: str | Path) -> str | Path:
    """Return a dataset's name as it is, and a file's path seen from the current folder."""
    if isinstance(dataset, str) and is_dataset_name(dataset):
        return dataset
    return Path(dataset).expanduser().absolute()


def dataset_file(dataset: str | Path) -> Path | None:
    """Return the file of a dataset, fetched if need be; None for HumanEval, which a package brings.

    Raises:
        ConfigError: there is no dataset of that name (the closest one is suggested), or no file of it.
    """
    what = named_or_path(dataset)
    if isinstance(what, Path):
        return what
    if what == DATASET:
        return None
    if what not in RELEASES:
        known = suggest(what, [DATASET, *RELEASES])
        raise ConfigError(f"dataset (for a file write ./{what}): there is no dataset {what!r}; {known}")
    return find_file(RELEASES[what])
