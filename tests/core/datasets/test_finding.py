"""Where the file of a named dataset is looked for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pytest_humaneval.core.datasets import RELEASES, find_file, find_local_file
from pytest_humaneval.core.errors import ConfigError

RELEASE = RELEASES["humaneval+"]
NAME = "HumanEvalPlus-v0.1.10.jsonl"


@pytest.fixture(autouse=True)
def caches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the user's caches, empty; and nothing named in the environment."""
    for name in ("HUMANEVAL_DATASETS", "HUMANEVAL_OVERRIDE_PATH", "MBPP_OVERRIDE_PATH"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    return tmp_path / "caches"


def touched(folder: Path, name: str = NAME) -> Path:
    """Return a new file."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).touch()
    return folder / name


def test_places_are_looked_in_in_order(tmp_path: Path, caches: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder that is named; evalplus's variable; evalplus's cache; our own: each before the next."""
    assert find_local_file(RELEASE) is None
    own = touched(caches / "pytest-humaneval" / "datasets")
    assert find_local_file(RELEASE) == own
    evalplus = touched(caches / "evalplus")
    assert find_local_file(RELEASE) == evalplus
    override = touched(tmp_path, "mine.jsonl")
    monkeypatch.setenv("HUMANEVAL_OVERRIDE_PATH", str(override))
    assert find_local_file(RELEASE) == override
    folder = touched(tmp_path / "folder").parent
    monkeypatch.setenv("HUMANEVAL_DATASETS", str(folder))
    assert find_local_file(RELEASE) == folder / NAME
    given = touched(tmp_path / "given").parent
    assert find_local_file(RELEASE, given) == given / NAME


def test_a_folder_without_the_file_is_no_obstacle(tmp_path: Path, caches: Path) -> None:
    """It may hold other datasets."""
    touched(tmp_path / "folder", "mbpp.jsonl")
    own = touched(caches / "pytest-humaneval" / "datasets")

    assert find_local_file(RELEASE, tmp_path / "folder") == own


@pytest.mark.parametrize(
    ("dataset", "name"),
    [
        ("humaneval+", "HumanEvalPlus.jsonl"),
        ("humaneval+", "HumanEvalPlus.jsonl.gz"),
        ("humaneval+", "HumanEvalPlus-v0.1.10.jsonl.gz"),
        ("mbpp+", "MbppPlus-v0.2.0.jsonl"),
        ("mbpp", "mbpp.jsonl"),
        ("mbpp", "mbpp.jsonl.gz"),
        ("mbpp-sanitized", "sanitized-mbpp.json"),
        ("mbpp-sanitized", "sanitized-mbpp.json.gz"),
        ("humanevalfix", "humanevalpack.jsonl"),
        ("humanevalfix", "humanevalpack-python.jsonl.gz"),
        ("infilling", "HumanEval-SingleLineInfilling.jsonl.gz"),
    ],
)
def test_files_have_the_names_as_published(tmp_path: Path, dataset: str, name: str) -> None:
    """With a version or without, packed or not."""
    file = touched(tmp_path / "folder", name)

    assert find_local_file(RELEASES[dataset], tmp_path / "folder") == file


@pytest.mark.parametrize(
    "name",
    [
        "HumanEvalPlus-Mini-v0.1.10.jsonl",
        "HumanEvalPlus-OriginFmt.jsonl",
        "myHumanEvalPlus.jsonl",
        "HumanEvalPlus.txt",
    ],
)
def test_other_files_are_not_taken_for_it(tmp_path: Path, name: str) -> None:
    """Parts of it, and what only looks like it."""
    touched(tmp_path / "folder", name)

    assert find_local_file(RELEASE, tmp_path / "folder") is None


def test_the_newest_version_is_taken(tmp_path: Path) -> None:
    """By its numbers."""
    for version in ("", "-v0.1.9", "-v0.1.10"):
        touched(tmp_path / "folder", f"HumanEvalPlus{version}.jsonl.gz")

    found = find_local_file(RELEASE, tmp_path / "folder")

    assert found is not None
    assert found.name == "HumanEvalPlus-v0.1.10.jsonl.gz"


def test_a_variable_belongs_to_its_dataset(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Evalplus has one for each of its two."""
    monkeypatch.setenv("MBPP_OVERRIDE_PATH", str(touched(tmp_path, "mine.jsonl")))

    assert find_local_file(RELEASE) is None
    assert find_local_file(RELEASES["mbpp"]) is None
    assert find_local_file(RELEASES["mbpp+"]) == tmp_path / "mine.jsonl"


def test_a_folder_or_file_that_is_named_must_be_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A slip is not answered by another file."""
    with pytest.raises(ConfigError, match=r"^--humaneval-datasets: \S+/nowhere is no folder; "):
        find_local_file(RELEASE, tmp_path / "nowhere")
    monkeypatch.setenv("HUMANEVAL_OVERRIDE_PATH", "/nowhere.jsonl")
    with pytest.raises(ConfigError, match=r"^HUMANEVAL_OVERRIDE_PATH: there is no file /nowhere\.jsonl; "):
        find_local_file(RELEASE)


def test_without_a_network_one_line_says_what_to_do(caches: Path) -> None:
    """What to fetch, and where to put it."""
    # Port 1 is reserved, and nothing listens there.
    release = replace(RELEASE, url="http://127.0.0.1:1/HumanEvalPlus.jsonl.gz")

    with pytest.raises(ConfigError) as caught:
        find_file(release)

    line = str(caught.value)
    assert line.startswith(
        f"dataset 'humaneval+' is not on this machine, and {release.url} cannot be fetched ("
    )
    assert (
        f"put it into {caches}/pytest-humaneval/datasets or into a folder that --humaneval-datasets" in line
    )
    assert "\n" not in line
