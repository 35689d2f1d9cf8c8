"""The dataset that ``--humaneval-dataset`` names: a registered one, or a file in the HumanEval schema."""

from __future__ import annotations

from pathlib import Path

from pytest_humaneval.core.datasets import Dataset, read_dataset
from pytest_humaneval.evaluation.registry import Registry


def find_dataset(what: Path | str | None, registry: Registry) -> Dataset:
    """Return the dataset of a name or of a path; HumanEval itself for None.

    Raises:
        ConfigError: there is none, or it cannot be read.
    """
    if isinstance(what, str):
        where = f"--humaneval-dataset (for a file write ./{what})"
        return registry.datasets.find(what, where)()
    return read_dataset(what)
