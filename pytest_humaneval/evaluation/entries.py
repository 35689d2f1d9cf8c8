"""Entries of the registry: by name, each with the plugin that added it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TypeVar

from pytest_humaneval.core.config.did_you_mean import suggest
from pytest_humaneval.core.errors import ConfigError

Entry = TypeVar("Entry")

_NAME = re.compile(r"[A-Za-z][\w.+-]*")


class Entries(Mapping[str, Entry]):
    """The entries of one kind by name, in the order in which they were added; ``kind`` is for messages."""

    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._entries: dict[str, Entry] = {}
        self._plugins: dict[str, str] = {}

    def add(self, name: str, entry: Entry, plugin: str) -> None:
        """Add an entry.

        Raises:
            ConfigError: the name is taken, or is none.
        """
        if not _NAME.fullmatch(name):
            raise ConfigError(
                f"found {name!r} as the name of a {self._kind}, expected letters, digits and any of _ . + -"
            )
        if name in self._entries:
            raise ConfigError(
                f"there is a {self._kind} {name!r} already, added by plugin {self._plugins[name]!r}; "
                "choose another name"
            )
        self._entries[name], self._plugins[name] = entry, plugin

    def find(self, name: str, where: str) -> Entry:
        """Return the entry of a name.

        Raises:
            ConfigError: there is none; the closest one is suggested.
        """
        if name not in self._entries:
            raise ConfigError(f"{where}: there is no {self._kind} {name!r}; {suggest(name, self._entries)}")
        return self._entries[name]

    def plugin(self, name: str) -> str:
        """Return the plugin that added an entry."""
        return self._plugins[name]

    def __getitem__(self, name: str) -> Entry:
        return self._entries[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)
