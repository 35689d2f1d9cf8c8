"""Read a TOML file and check it against rules, so that every mistake is one line that says what to write.

A rule has a key's types, a further condition, and a description of both. ``check`` applies rules to one
table.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pytest_humaneval.core.config.did_you_mean import suggest
from pytest_humaneval.core.errors import ConfigError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


@dataclass(frozen=True)
class Rule:
    """What a key's value must be, and what it means.

    Attributes:
        types: the types that it may have.
        expected: what it must be, for the message that refuses another value.
        holds: whether a value of these types is valid.
        meaning: what the key does, in whole sentences of Markdown; the reference is made of it.
        example: a valid value, in TOML.
    """

    types: tuple[type, ...]
    expected: str
    holds: Callable[[Any], bool] = lambda _value: True
    meaning: str = ""
    example: str = ""

    def allows(self, value: object) -> bool:
        """Return whether the value is valid. A bool is never a number."""
        # In Python bool is a subclass of int, so "n = true" would be n = 1.
        if isinstance(value, bool) and bool not in self.types:
            return False
        return isinstance(value, self.types) and self.holds(value)


def read_toml(path: Path) -> dict[str, Any]:
    """Return the file's content.

    Raises:
        ConfigError: the file cannot be read or is not TOML; the message names file and line.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not UTF-8 text (byte {error.start})") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: not valid TOML: {error}") from error


def check(table: Mapping[str, Any], rules: Mapping[str, Rule], where: str) -> None:
    """Check every key of a table against its rule.

    Raises:
        ConfigError: a key is unknown (the closest one is suggested), or its value is invalid.
    """
    for key, value in table.items():
        if key not in rules:
            raise ConfigError(f"{where}: unknown key {key!r}; {suggest(key, rules)}")
        if not rules[key].allows(value):
            raise ConfigError(f"{where}, {key}: found {value!r}, expected {rules[key].expected}")


def as_table(value: object, where: str) -> Mapping[str, Any]:
    """Return a value as a table.

    Raises:
        ConfigError: it is not a table.
    """
    if not isinstance(value, dict):
        raise ConfigError(f"{where}: found {value!r}, expected a table of keys")
    return value
