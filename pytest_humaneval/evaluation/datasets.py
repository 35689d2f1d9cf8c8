"""The dataset that a flag or an experiment names: a registered one, or a file of any schema that is read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pytest_humaneval.core.datasets import Dataset, Release, find_file, read_dataset
from pytest_humaneval.evaluation.registry import Registry


@dataclass(frozen=True)
class ReleasedDataset:
    """Reads a released dataset, whose file may be in a folder that the user names.

    Attributes:
        release: what to read.
    """

    release: Release

    def __call__(self, folder: Path | None = None) -> Dataset:
        """Return the dataset; its file is looked for in ``folder`` first, and fetched where there is none.

        Raises:
            ConfigError: there is no file, none can be fetched, or it cannot be read.
        """
        return read_dataset(find_file(self.release, folder))


def find_dataset(
    what: Path | str | None,
    registry: Registry,
    folder: Path | None = None,
    where: str = "--humaneval-dataset",
) -> Dataset:
    """Return the dataset of a name or of a path; HumanEval itself for None.

    Args:
        what: a name as text, or the path of a file.
        registry: what names there are.
        folder: where the files of named datasets are looked for first.
        where: what named it, for messages.

    Raises:
        ConfigError: there is none (the closest name is suggested), or it cannot be read.
    """
    if not isinstance(what, str):
        return read_dataset(what)
    read = registry.datasets.find(what, f"{where} (for a file write ./{what})")
    return read(folder) if isinstance(read, ReleasedDataset) else read()
