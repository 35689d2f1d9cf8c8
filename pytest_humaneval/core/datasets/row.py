"""One row of a dataset file: its values by field, each checked when it is taken."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from typing import Any, NamedTuple

from pytest_humaneval.core.errors import ConfigError

# Half of a UTF-16 pair: JSON can hold it as an escape, but no encoding of Unicode can write it.
_SURROGATE = re.compile("[\ud800-\udfff]")
_GREATEST = sys.float_info.max


class Row(NamedTuple):
    """A row as JSON has it.

    Attributes:
        values: by field.
        where: file and line, for messages.
        fields: the fields that rows of its schema have, for messages.
    """

    values: Mapping[str, Any]
    where: str
    fields: tuple[str, ...] = ()

    def text(self, name: str) -> str:
        """Return a field's text.

        Raises:
            ConfigError: it is missing, or no text that can be written.
        """
        value = self.values.get(name)
        if not isinstance(value, str):
            raise self._refusal(name, "must be text")
        self._check_characters(name, value)
        return value

    def texts(self, name: str) -> list[str]:
        """Return a field's list of texts; empty where the field is missing or empty.

        Raises:
            ConfigError: it is something else.
        """
        value = self.values.get(name) or []
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise self._refusal(name, "must be a list of texts")
        for each in value:
            self._check_characters(name, each)
        return value

    def lists(self, name: str) -> list[list[Any]]:
        """Return a field's list of lists; empty where the field is missing or empty.

        Raises:
            ConfigError: it is something else.
        """
        value = self.values.get(name) or []
        if not isinstance(value, list):
            raise self._refusal(name, "must be a list of lists of arguments")
        for index, each in enumerate(value):
            if not isinstance(each, list):
                raise self.error(
                    f"{name}[{index}]: found {type(each).__name__}, expected a list of arguments"
                )
        return value

    def tolerance(self, name: str) -> float:
        """Return a field's number, at least 0; 0 where the field is missing.

        Raises:
            ConfigError: it is something else.
        """
        value = self.values.get(name) or 0
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if not is_number or not 0 <= value <= _GREATEST:
            raise self.error(f"field {name!r}: found {value!r:.80}, expected a number of at least 0")
        return float(value)

    def error(self, message: str) -> ConfigError:
        """Return an error that says where the row is."""
        return ConfigError(f"{self.where}: {message}")

    def _refusal(self, name: str, expected: str) -> ConfigError:
        values = self.values
        found = f"found {type(values[name]).__name__}" if name in values else "it is missing"
        known = f"; the fields are {', '.join(self.fields)}" if self.fields else ""
        return self.error(f"field {name!r} {expected}, {found}{known}")

    def _check_characters(self, name: str, text: str) -> None:
        if lone := _SURROGATE.search(text):
            raise self.error(
                f"field {name!r} holds a lone surrogate ({ascii(lone[0])[1:-1]}), which is no "
                "character; write the character itself, or both halves of its pair"
            )
