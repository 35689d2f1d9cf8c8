"""A model's folder: what makes it one, and its hash; no engine is needed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from pytest_humaneval.core.config.shipped import MEMORISER_MODEL
from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.providers.embedded.model_folder import check_folder, content_sha256, find_folder


def copied(folder: Path, *left_out: str) -> Path:
    """Copy the memoriser without some of its files."""
    shutil.copytree(MEMORISER_MODEL, folder, ignore=shutil.ignore_patterns(*left_out))
    return folder


def test_a_relative_folder_starts_at_the_given_one(tmp_path: Path) -> None:
    """A relative path is relative to the folder of the file that it stands in."""
    expected = copied(tmp_path / "models" / "mine")

    assert expected.resolve() == find_folder("models/mine", seen_from=tmp_path)


@pytest.mark.parametrize("name", ["gpt2", "Qwen/Qwen2.5-Coder-0.5B-Instruct"])
def test_a_name_on_the_hub_is_no_folder(tmp_path: Path, name: str) -> None:
    """A name, or owner and name, is left for the hub if there is no such folder."""
    assert find_folder(name, seen_from=tmp_path) is None


@pytest.mark.parametrize("name", ["./mine", "../mine", "/nowhere/mine", "~/no-such-mine", "a/b/c", "mine/"])
def test_a_path_to_no_folder_is_refused(tmp_path: Path, name: str) -> None:
    """A text that can only be a path is never taken for a name on the hub."""
    with pytest.raises(ConfigError, match="there is no model folder /"):
        find_folder(name, seen_from=tmp_path)


@pytest.mark.parametrize(
    ("left_out", "message"),
    [("config.json", "no config.json"), ("*.safetensors", "no weights"), ("tokenizer*", "no tokenizer")],
)
def test_what_is_missing_is_named(tmp_path: Path, left_out: str, message: str) -> None:
    """A folder without configuration, weights or tokenizer is no model."""
    with pytest.raises(ConfigError, match=message):
        check_folder(copied(tmp_path / "mine", left_out))


def test_the_same_content_is_the_same_model(tmp_path: Path) -> None:
    """Neither the folder's name nor its README changes the hash."""
    assert content_sha256(MEMORISER_MODEL) == content_sha256(copied(tmp_path / "other", "README.md"))


@pytest.mark.parametrize(
    "name", ["model.safetensors", "tokenizer.json", "chat_template.jinja", "config.json"]
)
def test_another_content_is_another_model(tmp_path: Path, name: str) -> None:
    """A changed byte of weights, tokenizer, template or configuration changes the hash."""
    changed = copied(tmp_path / "changed")
    content = (changed / name).read_bytes()
    (changed / name).write_bytes(content[:-1] + bytes([content[-1] ^ 1]))

    assert content_sha256(MEMORISER_MODEL) != content_sha256(changed)
