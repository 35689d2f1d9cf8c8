"""Read and check a JSON report of an earlier run."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.core.results import ProblemResult
from pytest_humaneval.core.results_json import from_json
from pytest_humaneval.reports.json_report import SCHEMA_VERSION

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
    path: Path, name: str, entry: object, dataset_sha256: str | None = None
) -> tuple[Mapping[str, Any], tuple[ProblemResult, ...]]:
    """Return the manifest and the results of one experiment of a report.

    Args:
        path: the report, for a message.
        name: the experiment.
        entry: what the report has under that name.
        dataset_sha256: the dataset that it must be of; None if it may be any.

    Raises:
        ConfigError: the entry is invalid, or is of another dataset.
    """
    # Any, and one try around all of it: the exceptions that bad data raises on the way are the check.
    data: Any = entry
    try:
        manifest = data["manifest"]
        found = manifest["dataset_sha256"]
        results = tuple(from_json(result) for result in data["results"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ConfigError(f"{path}, experiment {name!r}: not as this plugin writes it ({error!r})") from error
    if dataset_sha256 is not None and found != dataset_sha256:
        raise ConfigError(
            f"{path}, experiment {name!r}: was run on another dataset (sha256 {str(found)[:12]}..., here "
            f"{dataset_sha256[:12]}...); name that one with --humaneval-dataset"
        )
    return manifest, results
