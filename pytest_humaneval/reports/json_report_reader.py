"""Read and check a JSON report of an earlier run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pytest_humaneval.core.datasets.dataset import Dataset
from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.core.results import ProblemResult
from pytest_humaneval.core.results_json import from_json
from pytest_humaneval.reports.json_report import SCHEMA_VERSION

_HASH_CHARS = 12
_EXPECTED = "expected a report written with --humaneval-report"


def read_experiments(path: Path) -> dict[str, Any]:
    """Return the experiments of a report by name, as unchecked JSON data; :func:`read_entry` checks one.

    Raises:
        ConfigError: the file cannot be read, or is not a report.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        experiments = content["experiments"]
    except OSError as error:
        raise ConfigError(f"{path}: the report cannot be read ({error.strerror}); {_EXPECTED}") from error
    # RecursionError: brackets nested more deeply than json can parse.
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ConfigError(f"{path}: not a report; {_EXPECTED}") from error
    if not isinstance(experiments, dict) or content.get("schema_version") != SCHEMA_VERSION:
        raise ConfigError(f"{path}: not a report of schema version {SCHEMA_VERSION}; {_EXPECTED}")
    return experiments


def read_entry(
    path: Path, name: str, entry: object, dataset: Dataset | None = None
) -> tuple[Mapping[str, Any], tuple[ProblemResult, ...]]:
    """Return the manifest and the results of one experiment of a report.

    Args:
        path: the report, for a message.
        name: the experiment.
        entry: what the report has under that name.
        dataset: the one that it must be of; None if it may be any.

    Raises:
        ConfigError: the entry is invalid, or is of another dataset.
    """
    # Any, and one try around all of it: the exceptions that bad data raises on the way are the check.
    data: Any = entry
    try:
        manifest = data["manifest"]
        _ = manifest["dataset_sha256"]
        results = tuple(from_json(result) for result in data["results"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ConfigError(f"{path}, experiment {name!r}: not as this plugin writes it ({error!r})") from error
    if dataset is not None:
        check_dataset(path, name, data, dataset)
    return manifest, results


def check_dataset(path: Path, name: str, entry: Mapping[str, Any], dataset: Dataset) -> None:
    """Check that an experiment of a report was run on a dataset; the arguments are :func:`read_entry`'s.

    Raises:
        ConfigError: it was run on another one; the message has the names of both.
    """
    found, its_name = entry["manifest"]["dataset_sha256"], dataset_name(entry)
    if found != dataset.sha256:
        raise ConfigError(
            f"{path}, experiment {name!r}: was run on another dataset "
            f"({described(its_name, str(found))}; here {described(dataset.name, dataset.sha256)}); "
            f"name that one with --humaneval-dataset={its_name or 'FILE'}"
        )


def dataset_name(entry: Mapping[str, Any]) -> str:
    """Return the name of the dataset of one experiment of a report; empty where the report has none."""
    # Reports of earlier versions have none.
    dataset = entry.get("dataset")
    name = dataset.get("name") if isinstance(dataset, Mapping) else None
    return name if isinstance(name, str) else ""


def described(name: str, sha256: str) -> str:
    """Return a dataset's name, where it is known, and the beginning of its hash."""
    return f"{f'{name}, ' if name else ''}sha256 {sha256[:_HASH_CHARS]}..."
