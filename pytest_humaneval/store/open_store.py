"""Opening the completion store that ``--humaneval-cache`` names: a folder, or a URL."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from pytest_humaneval.core.config.settings import Settings
from pytest_humaneval.core.config.url import without_password
from pytest_humaneval.core.errors import ConfigError, StoreError
from pytest_humaneval.core.ports import OpenStore, Store
from pytest_humaneval.store.disk import FILE_NAME
from pytest_humaneval.store.fallback import FallbackStore
from pytest_humaneval.store.lasting import LastingStore

OFF = "off"
"""The value for no store: every run generates all of its completions."""


def _redis(where: str) -> Store:
    # Imported late: most runs keep their completions in a folder.
    from pytest_humaneval.store.redis import RedisStore

    return RedisStore(where)


STORES: Mapping[str, OpenStore] = {"redis": _redis, "rediss": _redis}
"""Kinds of shared stores, by the scheme of their URL."""


def open_store(
    where: str,
    folder: Path,
    warn: Callable[[str], None] = lambda _warning: None,
    kinds: Mapping[str, OpenStore] = STORES,
) -> Store:
    """Return the store that ``where`` names, opened.

    Args:
        where: the value of ``--humaneval-cache``, but not ``off``: a folder, or a URL such as ``redis://...``.
        folder: what a relative folder is relative to, usually pytest's rootdir.
        warn: called with one line of text when a store fails: why, and what takes its place.
        kinds: the kinds of shared stores, by scheme.

    Raises:
        ConfigError: there is no such kind, or the store cannot be used.
    """
    check_kind(where, folder, kinds)
    scheme, separator, _ = where.partition("://")
    if not separator:
        return LastingStore(folder / Path(where).expanduser(), warn)
    # The default folder, so that a later run without the shared store finds the completions as well.
    local = folder / Settings.cache
    return FallbackStore(
        kinds[scheme](where),
        lambda: _local_store(local, warn),
        has_local=(local / FILE_NAME).is_file(),
        local_name=str(local),
        warn=warn,
    )


def check_kind(where: str, folder: Path, kinds: Mapping[str, OpenStore] = STORES) -> None:
    """Check that ``where`` names a kind of store; nothing is opened.

    Raises:
        ConfigError: it is a file, or a URL of an unknown scheme.
    """
    scheme, separator, _ = where.partition("://")
    if not separator and (folder / Path(where).expanduser()).is_file():
        raise ConfigError(f"--humaneval-cache {where}: this is a file; expected a folder, off, or a URL")
    if separator and scheme not in kinds:
        raise ConfigError(
            f"--humaneval-cache {without_password(where)}: there is no store of kind {scheme!r}; "
            f"expected a folder, off, or a URL with {', '.join(sorted(kinds))}"
        )


def _local_store(folder: Path, warn: Callable[[str], None]) -> Store:
    try:
        return LastingStore(folder, warn)
    # During a run this is no mistake in the configuration: the user has named the shared store.
    except ConfigError as error:
        raise StoreError(str(error)) from error
