"""Reading TOML against rules."""

from __future__ import annotations

from pathlib import Path

import pytest

from pytest_humaneval.core.config.toml_schema import Rule, check, read_toml
from pytest_humaneval.core.errors import ConfigError

COUNT = Rule((int,), "a whole number of at least 1", lambda value: value >= 1)
RULES = {"count": COUNT, "name": Rule((str,), "text"), "on": Rule((bool,), "true or false")}


def test_a_file_is_read(tmp_path: Path) -> None:
    """TOML becomes dicts."""
    path = tmp_path / "some.toml"
    path.write_text('[a]\nname = "ä"\n', encoding="utf-8")

    assert read_toml(path) == {"a": {"name": "ä"}}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(None, "cannot be read (No such file or directory)", id="absent"),
        pytest.param(b'a = "\xff"', "not UTF-8 text (byte 5)", id="not-utf8"),
        pytest.param(b"a = 1\nb = \n", "not valid TOML: ", id="not-toml"),
    ],
)
def test_a_file_that_cannot_be_read_is_reported(tmp_path: Path, content: bytes | None, message: str) -> None:
    """The message names the file, and for bad TOML the line."""
    path = tmp_path / "bad.toml"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(ConfigError) as caught:
        read_toml(path)

    assert f"{path}: {message}" in str(caught.value)
    assert "line 2" in str(caught.value) or "TOML" not in message


def test_a_table_that_keeps_the_rules_is_fine() -> None:
    """No key is required, and no right value is refused."""
    check({}, RULES, "here")
    check({"count": 1, "name": "", "on": False}, RULES, "here")


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"cuont": 1}, "here: unknown key 'cuont'; did you mean 'count'?"),
        ({"zzz": 1}, "here: unknown key 'zzz'; known are: count, name, on"),
        ({"count": 0}, "here, count: found 0, expected a whole number of at least 1"),
        ({"count": True}, "here, count: found True, expected a whole number of at least 1"),
        ({"count": 1.0}, "here, count: found 1.0, expected a whole number of at least 1"),
        ({"on": 1}, "here, on: found 1, expected true or false"),
        ({"name": ["a"]}, "here, name: found ['a'], expected text"),
    ],
)
def test_a_broken_rule_is_reported(table: dict[str, object], message: str) -> None:
    """The message says where, what was found and what to write; a bool is never a number."""
    with pytest.raises(ConfigError) as caught:
        check(table, RULES, "here")

    assert str(caught.value) == message
