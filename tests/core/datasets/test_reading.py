"""Reading dataset files: HumanEval itself, other files of its schema, and files that are neither."""

from __future__ import annotations

import gzip
import hashlib
import json
from pathlib import Path

import pytest

from pytest_humaneval.core.datasets import HUMANEVAL_SHA256, read_dataset, read_problems
from pytest_humaneval.core.datasets import reading as dataset
from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.core.problem import Problem
from tests.support.dataset_rows import HUMANEVAL
from tests.support.records_made import problem


def row_of(made: Problem) -> dict[str, object]:
    """Return a problem as a row of HumanEval's schema."""
    return {name: getattr(made, name) for name in HUMANEVAL}


LINE = json.dumps(row_of(problem(0)))


def test_humaneval_is_the_164_problems_that_openai_released() -> None:
    """The default dataset is whole, in order, and known by its hash."""
    found = read_dataset()

    assert found.sha256 == HUMANEVAL_SHA256
    assert [each.task_id for each in found.problems] == [f"HumanEval/{number}" for number in range(164)]
    assert found.problems[0].entry_point == "has_close_elements"


def test_another_file_in_the_place_of_humaneval_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A score is never reported for a dataset that only looks like HumanEval."""
    changed = tmp_path / "HumanEval.jsonl.gz"
    changed.write_bytes(gzip.compress(LINE.encode()))
    monkeypatch.setattr(dataset, "_packaged_file", lambda: changed)

    with pytest.raises(ConfigError, match=r"not HumanEval as OpenAI released it.*--humaneval-dataset"):
        read_problems()


@pytest.mark.parametrize("gzipped", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize("form", ["{}\n\n{}\n", " [{},\n{}]\n"], ids=["lines", "array"])
def test_a_dataset_is_read_whatever_its_file_is_called(tmp_path: Path, form: str, gzipped: bool) -> None:
    """Its form and gzip are known by the content; the hash is of the uncompressed text."""
    content = form.format(LINE, json.dumps(row_of(problem(1)))).encode()
    path = tmp_path / "problems"
    path.write_bytes(gzip.compress(content) if gzipped else content)

    found = read_dataset(path)

    assert found.problems == (problem(0), problem(1))
    assert found.sha256 == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize(
    "more",
    [
        pytest.param({"difficulty": "hard", "latest_commit": "abc", "contest": 3}, id="descriptions"),
        pytest.param({"declaration": "def f():", "signature": "f()", "example_test": "y"}, id="pack"),
        pytest.param({"suffix": "", "test_case_list": [], "atol": None}, id="empty"),
    ],
)
def test_fields_that_only_describe_a_problem_are_ignored(tmp_path: Path, more: dict[str, object]) -> None:
    """Datasets with more fields than HumanEval, but the same task, can be used."""
    path = tmp_path / "more.jsonl"
    path.write_text(json.dumps({**row_of(problem(0)), **more}))

    assert read_problems(path) == (problem(0),)


@pytest.mark.parametrize(
    ("field", "instead"),
    [
        ("contract", "as it was published"),
        ("atol", "as it was published"),
        ("test_case_list", "the function of 'test'"),
        ("hidden_tests", "take it out"),
        ("hiddenTests", "take it out"),
        ("expected_output", "take it out"),
        ("inputs", "take it out"),
    ],
)
def test_a_field_that_changes_the_task_is_refused(tmp_path: Path, field: str, instead: str) -> None:
    """No part of a file's tests is silently left out: one line with file, line, field and what to do."""
    path = tmp_path / "plus.jsonl"
    path.write_text(f"{LINE}\n{json.dumps({**row_of(problem(1)), field: [0]})}")

    with pytest.raises(ConfigError) as caught:
        read_problems(path)

    assert str(caught.value).startswith(f"{path}, line 2: field {field!r} ")
    assert instead in str(caught.value)
    assert "\n" not in str(caught.value)


def without(field: str) -> str:
    """Return a line without a field."""
    row = row_of(problem(7))
    del row[field]
    return json.dumps(row)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("", "the dataset is empty; expected one problem a line", id="empty"),
        pytest.param(f"{LINE}\n{LINE}\n", "line 2: task_id 'Test/0' occurs twice", id="twice"),
        pytest.param(f"{LINE}\n{{'a'}}\n", "line 2: not JSON", id="not-json"),
        pytest.param("[" * 100_000, "not JSON", id="nested-too-deeply"),
        pytest.param("1\n", "line 1: found int, expected an object", id="not-an-object"),
        pytest.param(f"[{LINE}, 1]", "element 1: found int, expected an object", id="no-object-in-an-array"),
        pytest.param(f"[{LINE}, {LINE}]", "element 1: task_id 'Test/0' occurs twice", id="twice-in-an-array"),
        pytest.param(f"[{LINE}", "not JSON (", id="array-cut-off"),
        pytest.param("[]", "the dataset is empty", id="empty-array"),
        pytest.param(without("test"), "line 1: field 'test' must be text, it is missing", id="missing"),
        pytest.param(
            LINE.replace("Test/0", r"Test/\ud800"),
            r"'task_id' holds a lone surrogate (\ud800)",
            id="surrogate",
        ),
        pytest.param(LINE.replace('"f"', "3"), "field 'entry_point' must be text, found int", id="no-text"),
    ],
)
def test_a_bad_line_is_reported_with_file_and_line(tmp_path: Path, text: str, message: str) -> None:
    """Every mistake is one line that says where, what was found and what was expected."""
    path = tmp_path / "bad.jsonl"
    path.write_text(text)

    with pytest.raises(ConfigError) as caught:
        read_problems(path)

    assert str(caught.value).startswith(str(path))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(None, id="absent"),
        pytest.param(b"\x1f\x8b", id="gzip-of-nothing"),
        pytest.param(gzip.compress(LINE.encode())[:-9], id="gzip-cut-off"),
        pytest.param(gzip.compress(LINE.encode())[:12] + b"\xff" * 40, id="gzip-broken"),
    ],
)
def test_a_file_that_cannot_be_read_is_reported(tmp_path: Path, content: bytes | None) -> None:
    """A file that is not there, or is broken gzip, is one line that names it and the form expected."""
    path = tmp_path / "broken.jsonl.gz"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(ConfigError, match=r"cannot be read \(.+\); expected a JSONL file, or") as caught:
        read_problems(path)

    assert str(path) in str(caught.value)
