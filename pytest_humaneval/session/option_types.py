"""The types of the flags' values: each function reads one from its text, or raises what was expected."""

from __future__ import annotations

import math
import re
from pathlib import Path

from pytest_humaneval.core.config.settings import (
    GATE_SCORES,
    ISOLATIONS,
    LEAST_MEMORY_MIB,
    LONGEST_TIMEOUT_S,
    MOST_MEMORY_MIB,
    SAMPLE_FIELDS,
    Timeout,
    is_baseline_name,
    is_dataset_name,
)
from pytest_humaneval.core.config.url import is_http_url
from pytest_humaneval.core.config.ways import WAYS, are_ways, ways_of

# A scheme, unlike the node id test.py::name; the two others: https://mlflow.org/docs/latest/ml/tracking
_TRACKING_URI = re.compile(r"[a-z][a-z0-9+.-]*:(?!:).+|databricks|databricks-uc")


class RefusedError(ValueError):
    """A value that cannot be used; its text is what was expected."""


def count(text: str) -> int:
    """Read a whole number of at least 1."""
    if not text.strip().isdecimal() or int(text) < 1:
        raise RefusedError("a whole number of at least 1")
    return int(text)


def timeout(text: str) -> Timeout:
    """Read a candidate's time limit: seconds, or ``auto``."""
    if text.strip() == "auto":
        return "auto"
    try:
        limit_s = float(text)
    except ValueError:
        limit_s = 0.0
    if not 0 < limit_s <= LONGEST_TIMEOUT_S:
        raise RefusedError(f"a number of seconds above 0, at most {LONGEST_TIMEOUT_S}, or auto")
    return limit_s


def cost(text: str) -> float:
    """Read an amount of money."""
    try:
        amount = float(text)
    except ValueError:
        amount = 0.0
    if not 0 < amount < math.inf:
        raise RefusedError("an amount above 0 in the currency of the servers' prices, such as 2.50")
    return amount


def mebibytes(text: str) -> int:
    """Read a memory limit in MiB."""
    text = text.strip()
    if not text.isdecimal() or not LEAST_MEMORY_MIB <= int(text) <= MOST_MEMORY_MIB:
        raise RefusedError(f"a whole number of MiB from {LEAST_MEMORY_MIB} to {MOST_MEMORY_MIB}")
    return int(text)


def share(text: str) -> float:
    """Read a score from 0 to 1, or a percentage."""
    number, is_percentage = text.strip().removesuffix("%"), text.strip().endswith("%")
    try:
        score = float(number) / (100 if is_percentage else 1)
    except ValueError:
        score = -1.0
    if not 0 <= score <= 1:
        raise RefusedError("a score from 0 to 1, or a percentage such as 54%")
    return score


def field(text: str) -> str:
    """Read which text of a samples file to score."""
    if text not in SAMPLE_FIELDS:
        raise RefusedError(f"one of {', '.join(SAMPLE_FIELDS)}")
    return text


def url(text: str) -> str:
    """Read an HTTP URL."""
    if not is_http_url(text):
        raise RefusedError("a URL such as http://localhost:8001/v1")
    return text


def isolation(text: str) -> str:
    """Read how much isolation a run insists on."""
    if text not in ISOLATIONS:
        raise RefusedError(f"one of {', '.join(ISOLATIONS)}")
    return text


def counts(text: str) -> tuple[int, ...]:
    """Read a comma list of whole numbers of at least 1."""
    try:
        return tuple(count(part) for part in text.split(","))
    except RefusedError:
        raise RefusedError("whole numbers of at least 1, such as 1,10") from None


def ways(text: str) -> tuple[str, ...]:
    """Read how one of a problem's samples is chosen."""
    if not are_ways(names := ways_of(text)):
        raise RefusedError(f"one of {', '.join(WAYS)}, or a comma list of them")
    return names


def gate_score(text: str) -> str:
    """Read which score the gate is on."""
    if text not in GATE_SCORES:
        raise RefusedError(f"one of {', '.join(GATE_SCORES)}")
    return text


def dataset(text: str) -> str | Path:
    """Read which dataset: a name, or a file's path."""
    return text if is_dataset_name(text) else Path(text)


def baseline(text: str) -> str | Path:
    """Read where a baseline is: a path, or the name under which one was saved."""
    if not text.strip():
        raise RefusedError("a report's path, or the name of a saved baseline")
    return text if is_baseline_name(text) else Path(text)


def named_paths(text: str) -> dict[str, Path]:
    """Read a comma list of names with paths."""
    pairs = [part.strip().partition("=") for part in text.split(",")]
    if not all(name and path for name, _, path in pairs):
        raise RefusedError("a report's name and a path, such as csv=samples.csv")
    return {name: Path(path) for name, _, path in pairs}


def tracking_uri(text: str) -> str:
    """Read the URI of a tracking server."""
    # After a flag with a value that may be left out, argparse takes a path to collect for that value.
    if text and not _TRACKING_URI.fullmatch(text):
        raise RefusedError("a URI such as http://localhost:5000, written --humaneval-mlflow=URI")
    return text


def baseline_name(text: str) -> str:
    """Read the name under which to save a baseline."""
    if not is_baseline_name(text):
        raise RefusedError("a name of letters, digits, '_', '.' and '-', such as main")
    return text
