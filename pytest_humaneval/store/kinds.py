"""The kinds of completion store, and how ``--humaneval-cache`` names them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pytest_humaneval.core.errors import ConfigError
from pytest_humaneval.core.ports import Store
from pytest_humaneval.store.disk import DiskStore
from pytest_humaneval.store.off import NoStore


def open_store(where: str, folder: Path) -> Store:
    """Open the store that ``where`` names: a folder, ``off``, or a URL of a kind below.

    Args:
        where: as given to ``--humaneval-cache``; a relative folder is meant relative to ``folder``.
        folder: where relative folders start, usually pytest's rootdir.

    Raises:
        ConfigError: there is no such kind, or the store cannot be used.
    """
    check_kind(where, folder)
    if where == "off":
        return NoStore()
    scheme, separator, _ = where.partition("://")
    return _KINDS[scheme](where) if separator else DiskStore(folder / Path(where).expanduser())


def check_kind(where: str, folder: Path) -> None:
    """Find out whether ``where`` names a kind of store, without opening it.

    Raises:
        ConfigError: it does not.
    """
    scheme, separator, _ = where.partition("://")
    if not separator and (folder / Path(where).expanduser()).is_file():
        raise ConfigError(f"--humaneval-cache {where}: this is a file; expected a folder, off, or a URL")
    if separator and scheme not in _KINDS:
        raise ConfigError(
            f"--humaneval-cache {where}: there is no store of kind {scheme!r}; "
            f"expected a folder, off, or a URL with {', '.join(sorted(_KINDS))}"
        )


def _redis(where: str) -> Store:
    raise ConfigError(
        f"--humaneval-cache {where}: the Redis store comes with the extra 'redis', which this version does "
        "not have yet; expected a folder, or off"
    )


_KINDS: dict[str, Callable[[str], Store]] = {"redis": _redis, "rediss": _redis}
