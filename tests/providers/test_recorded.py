"""Reading samples files: which text of a line is used, and the messages for broken files."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.core.records import Completion
from pytest_humaneval.providers.recorded import read_samples

TASK_IDS = ["HumanEval/0", "HumanEval/1"]
ALL = {"task_id": "HumanEval/0", "raw": "r", "completion": "c", "solution": "s"}


def written(folder: Path, *lines: dict[str, Any] | str) -> Path:
    """Write a samples file."""
    path = folder / "samples.jsonl"
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    path.write_text("".join(f"{text}\n" for text in texts), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("row", "field", "expected"),
    [
        (ALL, None, Completion("r", form="raw")),
        (ALL, "raw", Completion("r", form="raw")),
        (ALL, "completion", Completion("c", form="completion")),
        (ALL, "solution", Completion("s", form="solution")),
        (ALL | {"form": "solution"}, None, Completion("s", form="solution")),
        (ALL | {"form": "solution"}, "raw", Completion("r", form="raw")),
        (ALL | {"form": "sonnet"}, None, Completion("r", form="raw")),
        (ALL | {"raw": None}, None, Completion("c", form="completion")),
        ({"task_id": "HumanEval/0", "solution": ""}, None, Completion("", form="solution")),
        (ALL | {"finish_reason": "length"}, None, Completion("r", "length", "raw")),
    ],
)
def test_the_text_that_is_used_of_a_line(
    tmp_path: Path, row: dict[str, Any], field: str | None, expected: Completion
) -> None:
    """It is the field that the caller names, else the one that the line names, else the line's first."""
    assert read_samples(written(tmp_path, row), field, TASK_IDS) == {"HumanEval/0": (expected,)}


def test_lines_of_one_problem_are_its_samples_in_order(tmp_path: Path) -> None:
    """Problems may be mixed, blank lines may stand between; problems without a line are left out."""
    first, second = ({"task_id": "HumanEval/1", "raw": text} for text in "ab")
    path = written(tmp_path, first, "", ALL, second)

    samples = read_samples(path, None, [*TASK_IDS, "HumanEval/2"])

    assert {task_id: [c.text for c in found] for task_id, found in samples.items()} == {
        "HumanEval/1": ["a", "b"],
        "HumanEval/0": ["r"],
    }


def test_gzip_is_recognized_by_content(tmp_path: Path) -> None:
    """A gzipped file is read whatever its name is."""
    path = tmp_path / "samples.data"
    path.write_bytes(gzip.compress(json.dumps(ALL).encode()))

    assert read_samples(path, None, TASK_IDS) == {"HumanEval/0": (Completion("r"),)}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"task_id": "HumanEval/0", "raw": "r"', r"line 2: not JSON \(.*expected one object a line"),
        ("[1]", "line 2: found list, expected an object"),
        ({"raw": "r"}, "line 2: no task_id, expected one like 'HumanEval/0'"),
        ({"task_id": 7, "raw": "r"}, "line 2: no task_id"),
        (
            {"task_id": "Humaneval/1", "raw": "r"},
            "line 2: .*no task_id 'Humaneval/1'; did you mean 'HumanEval/1'",
        ),
        ({"task_id": "Mbpp/2", "raw": "r"}, "line 2: .*no task_id 'Mbpp/2'; is this another dataset"),
        (
            {"task_id": "HumanEval/0", "text": "r"},
            "line 2: no text found; expected one of the fields raw, comp",
        ),
        ({"task_id": "HumanEval/0", "raw": 7}, "line 2: no text found"),
        (ALL | {"finish_reason": 1}, "line 2: finish_reason must be text, found int"),
        (ALL | {"rounds": "r"}, "line 2: rounds must be a list of objects, each with the text 'raw'"),
        (ALL | {"rounds": [{"solution": "r"}]}, "line 2: rounds must be a list of objects"),
        (
            ALL | {"rounds": [{"raw": "r", "finish_reason": 1}]},
            "line 2: finish_reason must be text, found int",
        ),
    ],
)
def test_a_broken_line_is_named(tmp_path: Path, line: dict[str, Any] | str, message: str) -> None:
    """The message gives file, line number, what was found and what was expected, in one line."""
    path = written(tmp_path, ALL, line)

    with pytest.raises(ConfigError, match=rf"samples\.jsonl, {message}") as error:
        read_samples(path, None, TASK_IDS)

    assert "\n" not in str(error.value)


def test_a_line_without_the_named_field_is_refused(tmp_path: Path) -> None:
    """If the caller names a field, no other one takes its place."""
    path = written(tmp_path, {"task_id": "HumanEval/0", "raw": "r"})

    with pytest.raises(ConfigError, match="line 1: no text found; expected the field 'solution'"):
        read_samples(path, "solution", TASK_IDS)


def test_an_unknown_field_is_refused_before_the_file_is_read(tmp_path: Path) -> None:
    """The message lists the three names; that the file does not exist is not noticed."""
    with pytest.raises(ConfigError, match=r"no field 'answer'.*raw, completion, solution"):
        read_samples(tmp_path / "missing", "answer", TASK_IDS)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"\n\n", "is empty"),
        (gzip.compress(json.dumps(ALL).encode() * 9)[:-9], "cannot be read"),
        (b"\x1f\x8bnonsense", "cannot be read"),
        (b"\xff\xfe\x00", "line 1: not JSON"),
    ],
    ids=["empty", "blank", "cut-gzip", "broken-gzip", "binary"],
)
def test_a_file_that_is_no_samples_file_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    """The message names the file and says why it cannot be used."""
    path = tmp_path / "samples.jsonl.gz"
    path.write_bytes(content)

    with pytest.raises(ConfigError, match=rf"samples\.jsonl\.gz.*{message}"):
        read_samples(path, None, TASK_IDS)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    """The message gives the path, and the system's reason."""
    with pytest.raises(ConfigError, match=r"nowhere\.jsonl: the samples file cannot be read \(No such file"):
        read_samples(tmp_path / "nowhere.jsonl", None, TASK_IDS)
